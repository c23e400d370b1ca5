using System.Diagnostics;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Benchmarks.EndToEnd.Clients;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>
/// Calls that do not count. .NET compiles what is called often a second time, behind thirty calls: what comes before is slower, and shares
/// its cores with that.
/// </summary>
internal static class FirstCalls
{
    private const int Count = 40;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);

    /// <summary>Asks forty times, or for twenty seconds.</summary>
    public static async Task RunAsync(IChatClient client, ChatRequest request, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < Count && Stopwatch.GetElapsedTime(start) < s_longest; call++)
        {
            await ChatCalls.AskAsync(client, request, cancellation);
        }
    }
}
