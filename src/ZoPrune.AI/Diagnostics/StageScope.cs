using System.Diagnostics;

namespace ZoPrune.AI.Diagnostics;

/// <summary>One stage of one call: its activity and its time.</summary>
internal sealed class StageScope(CallTelemetry call, string stage, Activity? activity) : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _ended;

    public void SetTag(string name, object value) => activity?.SetTag(name, value);

    public void Fail(Exception exception) => CallTelemetry.Mark(activity, exception);

    /// <summary>Ends the stage and gives its time.</summary>
    public TimeSpan End()
    {
        var elapsed = Stopwatch.GetElapsedTime(_start);
        Stop(elapsed);
        return elapsed;
    }

    public void Dispose()
    {
        if (!_ended)
        {
            Stop(Stopwatch.GetElapsedTime(_start));
        }
    }

    private void Stop(TimeSpan elapsed)
    {
        _ended = true;
        activity?.Dispose();
        call.Record(stage, elapsed);
    }
}
