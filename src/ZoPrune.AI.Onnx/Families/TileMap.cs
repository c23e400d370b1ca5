using ZoPrune.AI.Onnx.Images.Preprocessors;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// The map that tiles make together, un-padded to the picture's aspect ratio, and shrunk where it is too large (transformers'
/// <c>pack_image_features</c> and <c>unpad_image</c>).
/// </summary>
internal sealed class TileMap
{
    /// <summary>Decimals that transformers rounds an un-padded side to before it truncates it.</summary>
    private const int Decimals = 7;

    private readonly TileLayout _tiles;
    private readonly int _side;
    private readonly int _top;
    private readonly int _left;
    private readonly int _fullHeight;
    private readonly int _fullWidth;

    /// <param name="tiles">The tiles.</param>
    /// <param name="imageWidth">The width of the picture, in pixels.</param>
    /// <param name="imageHeight">The height of the picture, in pixels.</param>
    /// <param name="side">Tokens a side of a tile.</param>
    /// <param name="limit">The most tiles that the map may be as large as, and the ratio from which on it is shrunk.</param>
    public TileMap(TileLayout tiles, int imageWidth, int imageHeight, int side, (int Tiles, double Tolerance)? limit)
    {
        _tiles = tiles;
        _side = side;
        var (height, width) = (tiles.Rows * side, tiles.Columns * side);
        if ((double)imageWidth / imageHeight > (double)width / height)
        {
            var kept = (int)Math.Round(imageHeight * ((double)width / imageWidth), Decimals, MidpointRounding.ToEven);
            _top = (height - kept) / 2;
        }
        else
        {
            var kept = (int)Math.Round(imageWidth * ((double)height / imageHeight), Decimals, MidpointRounding.ToEven);
            _left = (width - kept) / 2;
        }

        (_fullHeight, _fullWidth) = (height - (2 * _top), width - (2 * _left));
        (Height, Width) = (_fullHeight, _fullWidth);
        if (limit is { } most)
        {
            var ratio = Math.Sqrt((double)_fullHeight * _fullWidth / ((double)most.Tiles * side * side));
            if (ratio > most.Tolerance)
            {
                (Height, Width) = ((int)Math.Floor(_fullHeight / ratio), (int)Math.Floor(_fullWidth / ratio));
            }
        }
    }

    /// <summary>Rows of tokens.</summary>
    public int Height { get; }

    /// <summary>Tokens a row, without newlines.</summary>
    public int Width { get; }

    private bool IsShrunk => Height != _fullHeight || Width != _fullWidth;

    /// <summary>The number of the tile that a place lies in.</summary>
    public int TileOf(int y, int x)
    {
        var (row, column) = IsShrunk ? (y * _fullHeight / Height, x * _fullWidth / Width) : (y, x);
        return ((row + _top) / _side * _tiles.Columns) + ((column + _left) / _side);
    }

    /// <summary>What a token is made of: graph rows, the first of the map being <paramref name="firstRow"/>.</summary>
    public RowMix At(int y, int x, int firstRow)
    {
        if (!IsShrunk)
        {
            return RowMix.Of(firstRow + RowOf(y, x));
        }

        // Bilinear without anti-aliasing, corners not aligned, as torch.nn.functional.interpolate does it.
        var (y0, y1, dy) = Neighbours(y, Height, _fullHeight);
        var (x0, x1, dx) = Neighbours(x, Width, _fullWidth);
        return new RowMix(
        [
            (firstRow + RowOf(y0, x0), (1 - dy) * (1 - dx)),
            (firstRow + RowOf(y0, x1), (1 - dy) * dx),
            (firstRow + RowOf(y1, x0), dy * (1 - dx)),
            (firstRow + RowOf(y1, x1), dy * dx),
        ]);
    }

    private static (int First, int Second, float Weight) Neighbours(int at, int size, int fullSize)
    {
        var source = Math.Max(0f, (((float)fullSize / size) * (at + 0.5f)) - 0.5f);
        var first = Math.Min((int)source, fullSize - 1);
        return (first, Math.Min(first + 1, fullSize - 1), source - first);
    }

    private int RowOf(int y, int x)
    {
        var (row, column) = (y + _top, x + _left);
        var tile = (row / _side * _tiles.Columns) + (column / _side);
        return (((tile * _side) + (row % _side)) * _side) + (column % _side);
    }
}
