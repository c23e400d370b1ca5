using ZoPrune.AI.Tool;

return await ZoPruneCommand.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
