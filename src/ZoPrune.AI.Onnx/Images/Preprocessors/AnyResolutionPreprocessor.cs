namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>LLaVA-NeXT and LLaVA-OneVision: the whole picture first, then the tiles of the best of the grids that the file lists.</summary>
/// <remarks>
/// Any resolution: <c>pixel_values</c> float32 [1, frames, 3, side, side], <c>image_sizes</c> int64 [1, 2], height and width of the
/// picture. One squashed tile: <c>pixel_values</c> float32 [1, 3, side, side] and nothing else.
/// </remarks>
internal sealed class AnyResolutionPreprocessor : ImagePreprocessor
{
    private readonly bool _isSplit;
    private readonly byte[]? _squareColour;
    private readonly int _tile;
    private readonly (int Width, int Height) _base;
    private readonly (int Width, int Height)? _crop;
    private readonly SizeRule? _size;
    private readonly (int Height, int Width)[] _resolutions;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public AnyResolutionPreprocessor(PreprocessorJson json, ImagePreprocessorOptions options, PreprocessorDefaults defaults)
    {
        var size = json.Size("size", isSquare: !defaults.IsCropped) ?? defaults.Size;
        _base = size.Fixed ?? (size.ShortestEdge is { } side ? (side, side) : throw json.Fault(
            "has a 'size' without 'shortest_edge' and without 'height' and 'width'."));
        _size = json.Flag("do_resize", true) ? size : null;
        _crop = defaults.IsCropped && json.Flag("do_center_crop", true)
            ? json.Size("crop_size", isSquare: true)?.Fixed ?? (224, 224)
            : null;
        _tile = defaults.IsCropped ? (json.Size("crop_size", isSquare: true)?.Fixed ?? (224, 224)).Height : _base.Height;
        _isSplit = options.SplitImages ?? true;
        _squareColour = !_isSplit && options.PadsSingleTile ? json.MeanColour(defaults.Mean) : null;
        _resolutions = json.Pairs("image_grid_pinpoints") ?? DefaultResolutions(defaults);
        if (_resolutions.Any(resolution => resolution.Height % _tile != 0 || resolution.Width % _tile != 0))
        {
            throw json.Fault($"has 'image_grid_pinpoints' that are no multiples of the tile of {_tile} pixels.");
        }

        _resampling = json.Resampling(defaults.Resampling);
        _scaling = json.Scaling(defaults.Mean, defaults.Deviation);
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        var (frameWidth, frameHeight) = _crop ?? _size?.SizeOf(_base.Width, _base.Height) ?? _base;
        if (!_isSplit)
        {
            return new ImageLayout(width, height, frameWidth, frameHeight);
        }

        var (bestWidth, bestHeight) = BestResolution(width, height);
        var tiles = new TileLayout(bestHeight / _tile, bestWidth / _tile, GlobalFrame.First) { BestResolution = (bestWidth, bestHeight) };
        return new ImageLayout(width, height, frameWidth, frameHeight, tiles);
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers);
        if (_squareColour is not null)
        {
            pixels = pixels.PadToSquare(_squareColour);
        }

        var frames = new List<RgbPixels>(layout.Frames) { Finish(pixels.Resize(_base.Width, _base.Height, _resampling)) };
        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal);
        if (layout.Tiles is not { } tiles)
        {
            inputs[PreprocessedImage.PixelValues] = _scaling.ToTensor(frames, 1);
            return new PreprocessedImage(inputs, layout);
        }

        var canvas = FitInto(pixels, tiles.BestResolution!.Value);
        for (var tile = 0; tile < tiles.Rows * tiles.Columns; tile++)
        {
            frames.Add(Finish(canvas.Cut(tile % tiles.Columns * _tile, tile / tiles.Columns * _tile, _tile, _tile)));
        }

        inputs[PreprocessedImage.PixelValues] = _scaling.ToTensor(frames, 1, frames.Count);
        inputs[PreprocessedImage.ImageSizes] = new ImageTensor(new long[] { image.Height, image.Width }, 1, 2);
        return new PreprocessedImage(inputs, layout);
    }

    private static (int Height, int Width)[] DefaultResolutions(PreprocessorDefaults defaults)
    {
        if (defaults.IsCropped)
        {
            return [(336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008)];
        }

        var sides = Enumerable.Range(1, 6).Select(count => count * 384).ToArray();
        return [.. sides.SelectMany(height => sides.Select(width => (height, width)))];
    }

    /// <summary>The resolution that keeps most of the picture's pixels; among those, the one with the least waste.</summary>
    private (int Width, int Height) BestResolution(int width, int height)
    {
        var best = (Width: 0, Height: 0);
        var (bestEffective, leastWaste) = (0L, long.MaxValue);
        foreach (var (candidateHeight, candidateWidth) in _resolutions)
        {
            var scale = Math.Min((double)candidateWidth / width, (double)candidateHeight / height);
            var effective = Math.Min((long)(width * scale) * (long)(height * scale), (long)width * height);
            var waste = ((long)candidateWidth * candidateHeight) - effective;
            if (effective > bestEffective || (effective == bestEffective && waste < leastWaste))
            {
                (best, bestEffective, leastWaste) = ((candidateWidth, candidateHeight), effective, waste);
            }
        }

        return best;
    }

    /// <summary>Scales the picture into a canvas and centres it on black.</summary>
    private RgbPixels FitInto(RgbPixels pixels, (int Width, int Height) target)
    {
        var scaleX = (double)target.Width / pixels.Width;
        var scaleY = (double)target.Height / pixels.Height;
        var (width, height) = scaleX < scaleY
            ? (target.Width, Math.Min((int)Math.Ceiling(pixels.Height * scaleX), target.Height))
            : (Math.Min((int)Math.Ceiling(pixels.Width * scaleY), target.Width), target.Height);
        return pixels.Resize(width, height, _resampling)
            .PlaceOn(target.Width, target.Height, (target.Width - width) / 2, (target.Height - height) / 2, [0, 0, 0]);
    }

    private RgbPixels Finish(RgbPixels frame)
    {
        if (_size is not null)
        {
            var (width, height) = _size.SizeOf(frame.Width, frame.Height);
            frame = frame.Resize(width, height, _resampling);
        }

        return _crop is var (cropWidth, cropHeight) ? frame.CropCentre(cropWidth, cropHeight) : frame;
    }
}
