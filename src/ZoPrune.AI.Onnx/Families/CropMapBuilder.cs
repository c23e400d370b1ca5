using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Lays out tokens the way the Phi vision models do: maps of crops put together, row by row, each row closed by a newline token.
/// </summary>
/// <param name="cropSide">Tokens a side of a crop.</param>
internal sealed class CropMapBuilder(int cropSide)
{
    private readonly List<int> _structural = [];
    private readonly List<int> _crops = [];

    /// <summary>Adds a map.</summary>
    /// <param name="rows">Rows of tokens.</param>
    /// <param name="columns">Tokens a row without its newline.</param>
    /// <param name="cropsAcross">Crops side by side, for the numbers of crops.</param>
    /// <param name="firstCrop">The number of its first crop.</param>
    public void AddMap(int rows, int columns, int cropsAcross, int firstCrop = 0)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                _crops.Add(firstCrop + (row / cropSide * cropsAcross) + (column / cropSide));
            }

            AddSeparator();
        }
    }

    /// <summary>Adds the picture as a whole: one crop.</summary>
    public void AddGlobal(int crop) => AddMap(cropSide, cropSide, 1, crop);

    /// <summary>Adds a structural token.</summary>
    public void AddSeparator()
    {
        _structural.Add(_crops.Count);
        _crops.Add(0);
    }

    /// <summary>The layout.</summary>
    /// <exception cref="ModelFolderException">The graph gave another number of rows.</exception>
    public TokenLayout Build(int rows, string file) => rows == _crops.Count
        ? new TokenLayout(new TokenGrid(cropSide, cropSide)) { Structural = _structural, Crops = _crops }
        : throw new ModelFolderException(
            file, $"gives {rows} visual tokens where the image operations' crops make {_crops.Count}; they do not belong together.");
}
