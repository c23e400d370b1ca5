using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>What differs between model families beyond their data file: how images stand in a prompt and how their tokens lie.</summary>
internal abstract class ModelFamily
{
    protected ModelFamily(FamilyContext context)
    {
        Folder = context.Folder;
        Data = context.Data;
        Tokenizer = context.Tokenizer;
        var spelling = Folder.ProcessorConfig.Is("image_token", System.Text.Json.JsonValueKind.String)
            ? Folder.ProcessorConfig.String("image_token")! : Data.Placeholder;
        PlaceholderText = Tokenizer.IdOf(spelling) is null ? Data.Placeholder : spelling;
    }

    protected ModelFolder Folder { get; }

    protected FamilyData Data { get; }

    protected TextTokenizer Tokenizer { get; }

    /// <summary>How the placeholder is written.</summary>
    public string PlaceholderText { get; }

    /// <summary>
    /// What the template writes for an image: the data file's, or the folder's own spelling of the placeholder where that is the marker.
    /// </summary>
    public string Marker => Data.Marker == Data.Placeholder ? PlaceholderText : Data.Marker;

    /// <summary>The chat template of a folder that has none.</summary>
    public string DefaultChatTemplate => string.Join('\n', Data.ChatTemplate);

    /// <summary>
    /// What an image becomes in contents that are strings, by its number from 0; <c>null</c>: contents with images are lists.
    /// </summary>
    public Func<int, string>? StringMarker => Data.StringMarker is { } marker
        ? number => marker.Replace("{0}", (number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        : null;

    /// <summary>How positions are given.</summary>
    public virtual PositionRule Positions => new(Data.FirstPosition);

    /// <summary>
    /// Whether the tokenizer's own special tokens are put around a prompt: Hugging Face's processors do so where the template did not write
    /// the beginning already; GenAI never does.
    /// </summary>
    public virtual bool AddsSpecialTokens(IReadOnlyList<PromptSegment> segments) =>
        Folder.Layout == ModelFolderLayout.TransformersJs
        && !(Tokenizer.BosToken is { Length: > 0 } bos && segments.Count > 0
            && segments[0].Kind == PromptSegmentKind.Template && segments[0].Text.StartsWith(bos, StringComparison.Ordinal));

    /// <summary>The id that stands for a visual token of an image, numbered from 0. May be negative.</summary>
    /// <exception cref="ModelFolderException">The tokenizer does not have the placeholder.</exception>
    public virtual int PlaceholderOf(int image) => Folder.Layout == ModelFolderLayout.TransformersJs
        ? Folder.ImageTokenId ?? Tokenizer.IdOf(PlaceholderText) ?? throw NoPlaceholder()
        : Tokenizer.IdOf(PlaceholderText) ?? Folder.ImageTokenId ?? throw NoPlaceholder();

    /// <summary>What GenAI makes of an empty prompt with images.</summary>
    public virtual string EmptyPrompt(int images) => string.Join(' ', Enumerable.Repeat(Marker, images));

    /// <summary>Reads the folder's image processing.</summary>
    /// <param name="splitImages">Whether pictures are cut into tiles; <c>null</c>: as the folder says.</param>
    /// <exception cref="NotSupportedException">The folder cannot do what <paramref name="splitImages"/> asks for.</exception>
    public virtual ImageRecipe CreateImages(bool? splitImages)
    {
        if (Folder.Layout == ModelFolderLayout.GenAI)
        {
            return splitImages is null
                ? new OperationRecipe(ImageProcessor.Load(Folder.VisionProcessorFile), Data, Folder.VisionProcessorFile)
                : throw new NotSupportedException(
                    $"{Folder.VisionProcessorFile}: the operation list of a GenAI folder decides whether pictures are cut into tiles; leave the option SplitImages unset.");
        }

        return splitImages != true || CutsPictures
            ? PreprocessorRecipe.Load(Folder, splitImages, oneTileWithOthers: false)
            : throw new NotSupportedException($"{Folder.Path}: models of type {Folder.Type} do not cut pictures into tiles; leave the option SplitImages unset.");
    }

    /// <summary>Whether the family can cut pictures into tiles.</summary>
    protected virtual bool CutsPictures => false;

    /// <summary>What is left to do between image processing and the vision graph.</summary>
    public virtual ProcessedImage Finish(ProcessedImage image) => image;

    /// <summary>How many rows the vision graph gives for an image; <c>null</c> if that cannot be told without running it.</summary>
    /// <param name="image">What goes into the vision graph.</param>
    /// <param name="output">The output that holds the visual tokens.</param>
    public virtual int? CountRows(ProcessedImage image, GraphValue output)
    {
        // Some operation lists count themselves.
        if (image.Inputs.TryGetValue("num_img_tokens", out var count))
        {
            return count.IntegerAt(0);
        }

        return TokensPerTile.Of(Folder, output) is { } each ? TilesOf(image) * each : Data.TokensPerImage;
    }

    /// <summary>How the rows of one image lie in the picture.</summary>
    /// <param name="image">What went into the vision graph.</param>
    /// <param name="rows">How many rows came out.</param>
    public virtual TokenLayout Layout(ProcessedImage image, int rows)
    {
        return new TokenLayout(SquareOf(rows));
    }

    /// <summary>How many tiles, the whole picture included, went into the vision graph.</summary>
    protected static int TilesOf(ProcessedImage image)
    {
        var shape = image.Inputs["pixel_values"].Shape;
        return shape.Length > 3 ? shape[^4] : 1;
    }

    /// <summary>The square grid of so many tokens; <c>null</c> if the number is no square.</summary>
    protected static TokenGrid? SquareOf(int tokens)
    {
        var side = (int)Math.Round(Math.Sqrt(tokens));
        return side > 0 && side * side == tokens ? new TokenGrid(side, side) : null;
    }

    /// <summary>How the visual tokens are put together from the graph's rows; <c>null</c>: they are the graph's rows.</summary>
    public virtual RowAssembly? Assemble(ProcessedImage image, int rows) => null;

    /// <summary>Writes the prompt with each image's placeholders where the template wrote its marker.</summary>
    /// <param name="segments">The rendered prompt.</param>
    /// <param name="prompt">Where it goes.</param>
    public abstract void PlaceImages(IReadOnlyList<PromptSegment> segments, PromptWriter prompt);

    private ModelFolderException NoPlaceholder() => new(
        Folder.TokenizerFolder, $"the tokenizer has no token '{PlaceholderText}', which a prompt of type {Folder.Type} needs for images.");
}
