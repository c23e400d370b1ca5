using ZoPrune.AI.SyntheticVlm;

return SyntheticVlmCommand.Run(args, Console.Out, Console.Error);
