using ZoPrune.AI.Evaluation;

return args switch
{
    ["accuracy"] => AccuracyCommand.Run(),
    ["cost"] => await CostCommand.RunAsync(),
    ["structured-output"] => StructuredOutputCommand.Run(),
    ["weights"] => WeightsCommand.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        Usage: dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- COMMAND

          accuracy   the 700 questions: rules x budgets x position policies -> benchmarks/results/accuracy.md, .csv, .png
          weights    SADS with different weights of the sensitivity         -> benchmarks/results/sads-weights.md
          structured-output
                     masks of JSON schemas at 151,936 tokens                -> benchmarks/results/structured-output.md
          cost       time to first token and the selection's share of it    -> benchmarks/results/cost.md
        """);
    return 2;
}
