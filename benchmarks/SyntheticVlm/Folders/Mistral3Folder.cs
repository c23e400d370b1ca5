using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Layers;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>
/// LLaVA 1.5 as a folder of GenAI's type <c>mistral3</c>: the type that counts visual tokens from the picture's size, and takes any number
/// of rows without positions. Its prompt closes each of the 24 rows of the grid with a break token.
/// </summary>
/// <param name="plan">What is written.</param>
/// <param name="folder">The folder.</param>
internal sealed class Mistral3Folder(ModelPlan plan, OutputFolder folder) : GenAIFolder(plan, folder)
{
    private const int ImageSize = 336;
    private const int PatchSize = 14;

    /// <summary>The one of Mistral's tokenizers since Nemo.</summary>
    private const string Expression =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
        + @"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    protected override string Type => "mistral3";

    protected override string Placeholder => "[IMG]";

    protected override string BeginToken => "<s>";

    protected override string EndToken => "</s>";

    protected override string PadToken => "<pad>";

    protected override void WriteVision(GraphWriter graph) =>
        new ClipVisionGraph(graph, Plan.Size.Vision, ImageSize, PatchSize, Plan.Size.Decoder.Width).Write(isFlat: true);

    protected override (string Type, JsonObject? Attributes)[] ImageOperations() =>
    [
        Decode(),
        ("Resize", new JsonObject
        {
            ["height"] = ImageSize, ["width"] = ImageSize, ["interpolation"] = "CUBIC", ["keep_aspect_ratio"] = 0,
        }),
        Rescale(),
        ("Normalize", Normalization()),
        ("Permute3D", new JsonObject { ["dims"] = new JsonArray(2, 0, 1) }),
        ("PixtralImageSizes", null),
    ];

    protected override void Describe(JsonObject model, JsonObject vision)
    {
        vision["patch_size"] = PatchSize;
        vision["spatial_merge_size"] = 1;
    }

    protected override void WriteDescriptions()
    {
        base.WriteDescriptions();
        WriteTokenizer(Expression, "LlamaTokenizer", EndToken, PadToken, "mistral3");
    }
}
