using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Mistral 3 (Pixtral): every row of an image ends with a break token of the prompt, which stays when the row is pruned away
/// (genai-model-folder specification 3.7, 4.12).
/// </summary>
/// <remarks>
/// As in GenAI, markers that stand side by side count as one image where nothing is pruned; images that are left over go behind the first
/// <c>[INST]</c>, else to the front. Features are used in the
/// order of the images whatever the order of their placeholders.
/// </remarks>
internal sealed class Mistral3Family : ModelFamily
{
    private const string Instruction = "[INST]";
    private const string Break = "[IMG_BREAK]";
    private const string End = "[IMG_END]";
    private const int DefaultPatchSize = 14;
    private const int DefaultMergeSize = 2;

    private readonly int _tokenSide;
    private readonly int _break;
    private readonly int _end;

    public Mistral3Family(FamilyContext context)
        : base(context)
    {
        var vision = Folder.Config.Section("vision");
        _tokenSide = (vision.Int("patch_size") ?? DefaultPatchSize) * (vision.Int("spatial_merge_size") ?? DefaultMergeSize);
        if (_tokenSide <= 0)
        {
            throw new ModelFolderException(Folder.ConfigFile, "model.vision.patch_size and spatial_merge_size must be positive.");
        }

        _break = Id(Break);
        _end = Id(End);
    }

    public override string EmptyPrompt(int images) => "";

    public override int? CountRows(ProcessedImage image, GraphValue output)
    {
        var shape = image.Inputs["pixel_values"].Shape;
        return shape[^2] / _tokenSide * (shape[^1] / _tokenSide);
    }

    public override TokenLayout Layout(ProcessedImage image, int rows)
    {
        var pixels = image.Inputs["pixel_values"];
        var (height, width) = (pixels.Shape[^2] / _tokenSide, pixels.Shape[^1] / _tokenSide);
        return height * width == rows
            ? new TokenLayout(new TokenGrid(height, width))
            : throw new ModelFolderException(
                Folder.Vision.File, $"gives {rows} visual tokens for {pixels.Shape[^1]} x {pixels.Shape[^2]} pixels, which makes {width} x {height} tokens.");
    }

    public override void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt)
    {
        // What is pruned has no prompt of GenAI's to equal: there every marker is an image, so that rows stay with their image.
        var isPruned = prompt.Images.Any(i => i.Kept.Count < i.Image.Count);
        var pieces = Pieces(segments, joinsNeighbours: !isPruned);
        var runs = pieces.Count(p => p is null);
        if (runs > prompt.Images.Count || (isPruned && runs < prompt.Images.Count))
        {
            prompt.RequireMarkers(runs, Marker);
        }

        var left = Enumerable.Range(runs, prompt.Images.Count - runs).ToArray();
        if (!segments.Any(s => s.Kind == PromptSegmentKind.Template && s.Text.Contains(Instruction, StringComparison.Ordinal)))
        {
            PlaceAll(left);
            left = [];
        }

        var next = 0;
        foreach (var piece in pieces)
        {
            if (piece is not { } segment)
            {
                PlaceImage(next++, prompt);
                continue;
            }

            var instruction = left.Length > 0 && segment.Kind == PromptSegmentKind.Template
                ? segment.Text.IndexOf(Instruction, StringComparison.Ordinal)
                : -1;
            if (instruction < 0)
            {
                prompt.Append(segment);
                continue;
            }

            prompt.Template(segment.Text[..(instruction + Instruction.Length)]);
            PlaceAll(left);
            left = [];
            prompt.Template(segment.Text[(instruction + Instruction.Length)..]);
        }

        void PlaceAll(int[] images)
        {
            foreach (var image in images)
            {
                PlaceImage(image, prompt);
            }
        }
    }

    /// <summary>The segments, cut at runs of markers; a run is <c>null</c>.</summary>
    private List<PromptSegment?> Pieces(IReadOnlyList<PromptSegment> segments, bool joinsNeighbours)
    {
        var pieces = new List<PromptSegment?>();
        foreach (var segment in segments)
        {
            if (segment.Kind != PromptSegmentKind.Template)
            {
                pieces.Add(segment);
                continue;
            }

            var parts = segment.Text.Split(Marker);
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0 && (!joinsNeighbours || pieces.Count == 0 || pieces[^1] is not null))
                {
                    pieces.Add(null);
                }

                if (parts[i].Length > 0)
                {
                    pieces.Add(PromptSegment.Template(parts[i]));
                }
            }
        }

        return pieces;
    }

    private void PlaceImage(int image, PromptWriter prompt)
    {
        var tokens = prompt.Images[image].Image;
        var grid = tokens.Tokens.Grid is { } known && known.Rows * known.Columns == tokens.Count
            ? known
            : throw new ArgumentException($"The visual tokens of image {image} have no grid, which a prompt of type {Folder.Type} needs.");
        for (var row = 0; row < grid.Rows; row++)
        {
            prompt.Rows(image, row * grid.Columns, grid.Columns);
            prompt.Token(row < grid.Rows - 1 ? _break : _end);
        }
    }

    private int Id(string token) => Tokenizer.IdOf(token) ?? throw new ModelFolderException(
        Folder.TokenizerFolder, $"the tokenizer has no token '{token}', which a prompt of type {Folder.Type} needs for images.");
}
