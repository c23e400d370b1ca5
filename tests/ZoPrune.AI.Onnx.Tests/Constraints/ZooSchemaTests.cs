using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

public sealed class ZooSchemaTests(ZooModels models) : IClassFixture<ZooModels>
{
    private const int Schemas = 200;

    public static TheoryData<string> Folders => [.. ModelFolders.All];

    /// <summary>
    /// Random weights, any allowed token, few tokens to spare or many: what comes out is JSON that satisfies the schema.
    /// </summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Whatever_the_model_the_answer_satisfies_the_schema(string folder)
    {
        var model = models.Named(folder);

        // This family answers about images only.
        ImageSelection[] images = folder == "hf/paligemma"
            ? [ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "images", "square56.png")))]
            : [];
        for (var seed = 0; seed < Schemas; seed++)
        {
            var schema = RandomSchemas.Create(seed);
            var grammar = TextGrammar.JsonSchema(schema);
            var needed = model.CreateConstraint(grammar).TokensToEnd;
            var sampling = seed % 5 == 4 ? Generate.Greedy : Constrained.Wild(seed);
            var text = Constrained.Text(model, grammar, needed + (seed % 4 * 12), sampling, images);
            new JsonCheck(schema).Valid(text);
        }
    }
}
