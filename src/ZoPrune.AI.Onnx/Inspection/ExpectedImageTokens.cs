using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>How many visual tokens a picture of a size becomes, found out without running the vision graph.</summary>
public sealed record ExpectedImageTokens
{
    /// <summary>The width of the picture, in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The height of the picture, in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The number of visual tokens; <c>null</c> if it cannot be told.</summary>
    public int? Tokens { get; init; }

    /// <summary>Into how many crops or tiles the picture is cut, the picture in small included.</summary>
    public int? Crops { get; init; }

    /// <summary>Rows and columns of tokens where they form one grid; <c>null</c> otherwise.</summary>
    public TokenGrid? Grid { get; init; }

    /// <summary>Why the number cannot be told.</summary>
    public string? Reason { get; init; }
}
