using System.Security.Cryptography;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Caching;

/// <summary>A picture and everything that decides on its visual tokens beside the model.</summary>
/// <param name="Hash">SHA-256 of the encoded bytes, in hexadecimal.</param>
/// <param name="Orientation">What becomes of its EXIF orientation.</param>
/// <param name="IsAlone">Whether it is alone in its prompt, where that matters.</param>
internal sealed record ImageKey(string Hash, ImageOrientation Orientation, bool IsAlone)
{
    /// <summary>The key of what is not going to be kept.</summary>
    public static ImageKey None { get; } = new(string.Empty, default, default);

    public static ImageKey Of(ReadOnlySpan<byte> encoded, ImageOrientation orientation, bool isAlone)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(encoded, hash);
        return new ImageKey(Convert.ToHexString(hash), orientation, isAlone);
    }

    /// <summary>The same as text: the id of its visual tokens.</summary>
    public string ToContentId() => $"{Hash}/{Orientation}/{IsAlone}";
}
