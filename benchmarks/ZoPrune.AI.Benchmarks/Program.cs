using ZoPrune.AI.Benchmarks;

return await BenchmarksCommand.RunAsync(args, Console.Out, Console.Error);
