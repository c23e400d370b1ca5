using System.Globalization;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// LLaVA-NeXT and LLaVA-OneVision: the picture in small, then tiles of the best resolution put together to one map, without what only
/// padding covers, a learned newline behind every row (hf-onnx-vlm-folder specification 3.2 and "Corrections").
/// </summary>
/// <remarks>
/// Graphs in the transformers.js layout give rows of single tiles and do not hold the newline. A folder that brings it
/// (<c>image_newline.npy</c>) gets all of it; any other gets one tile a picture, as transformers.js does.
/// </remarks>
internal sealed class AnyResolutionFamily : MarkerFamily
{
    private const string NewlineFile = "image_newline.npy";

    /// <summary>Maps that are larger than allowed by less than this ratio stay as they are.</summary>
    private const double ShrinkTolerance = 1.1;

    private readonly bool _isOneVision;
    private readonly float[]? _newline;
    private readonly int? _mostTiles;

    public AnyResolutionFamily(FamilyContext context, bool isOneVision)
        : base(context)
    {
        _isOneVision = isOneVision;
        var file = Path.Combine(Folder.Path, NewlineFile);
        _newline = File.Exists(file) ? NpyVector.Read(file) : null;
        _mostTiles = isOneVision ? MostTiles() : null;
    }

    public override ImageRecipe CreateImages(bool? splitImages) => splitImages == true && _newline is null
        ? throw new NotSupportedException(
            $"{Folder.Path} has no {NewlineFile}, the learned row behind every row of tiles; without it pictures cannot be cut (option SplitImages).")
        : PreprocessorRecipe.Load(Folder, _newline is not null && splitImages != false, oneTileWithOthers: _isOneVision);

    public override TokenLayout Layout(ProcessedImage image, int rows) => image.Tiles is null ? base.Layout(image, rows) : TokenLayout.Unknown;

    public override RowAssembly? Assemble(ProcessedImage image, int rows)
    {
        if (_newline is null || image.Tiles is not { } tiles)
        {
            return null;
        }

        var count = TilesOf(image);
        var each = rows / count;
        if (each * count != rows || SquareOf(each) is not { } square)
        {
            throw new ModelFolderException(Folder.Vision.File, $"gives {rows} visual tokens for {count} tiles, which are no square number a tile.");
        }

        var packed = new List<RowMix>(Enumerable.Range(0, each).Select(RowMix.Of));
        var crops = Enumerable.Repeat(0, each).ToList();
        var structural = new List<int>();
        if (count == 1)
        {
            AddNewline();
        }
        else
        {
            var map = new TileMap(tiles, image.Width, image.Height, square.Rows, _mostTiles is { } most ? (most, ShrinkTolerance) : null);
            for (var y = 0; y < map.Height; y++)
            {
                for (var x = 0; x < map.Width; x++)
                {
                    packed.Add(map.At(y, x, firstRow: each));
                    crops.Add(1 + map.TileOf(y, x));
                }

                AddNewline();
            }
        }

        return new RowAssembly(packed, _newline, new TokenLayout(count == 1 ? square : null) { Structural = structural, Crops = count == 1 ? [] : crops });

        void AddNewline()
        {
            structural.Add(packed.Count);
            packed.Add(RowMix.Learned);
            crops.Add(0);
        }
    }

    /// <summary>The N of <c>vision_aspect_ratio</c> <c>anyres_max_N</c>.</summary>
    private int? MostTiles()
    {
        const string Prefix = "anyres_max_";
        var rule = Folder.ProcessorConfig.String("vision_aspect_ratio") ?? Folder.Config.String("vision_aspect_ratio") ?? Prefix + "9";
        return rule.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(rule.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            && most > 0
                ? most
                : throw new NotSupportedException($"{Folder.ConfigFile}: vision_aspect_ratio is '{rule}'; only {Prefix}N is supported.");
    }
}
