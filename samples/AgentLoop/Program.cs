// Ten turns about two pictures, each with the whole history, as agents send it: with pruning and reuse, and with both switched off.
//
//   dotnet run -c Release --project samples/AgentLoop                              once, turn by turn
//   dotnet run -c Release --project samples/AgentLoop -- --rounds 20 --save FILE   medians of many rounds, as a table
using System.Globalization;
using AgentLoop;
using ZoPrune.AI;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var arguments = Arguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project samples/AgentLoop [-- --rounds N] [--save FILE]");
    return 2;
}

// A quarter of the visual tokens; features of pictures and the KV cache of the common prefix are reused, which is the default.
var on = new ZoPruneOptions { KeepRatio = 0.25 };

// Nothing pruned, nothing reused: what any other runtime does.
var off = new ZoPruneOptions { KeepRatio = 1, Caching = { VisionFeatureBytes = 0, KeyValueBytes = 0 } };

var rounds = new List<Round>();
for (var i = 0; i < arguments.Rounds; i++)
{
    rounds.Add(await Round.RunAsync(on, off));
}

var table = TurnTable.Of(rounds);
Console.Write(table);
if (arguments.File is not null)
{
    await File.WriteAllTextAsync(arguments.File, table);
}

return 0;
