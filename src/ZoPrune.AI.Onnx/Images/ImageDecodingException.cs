namespace ZoPrune.AI.Onnx.Images;

/// <summary>An image was refused or could not be decoded. The message names the image.</summary>
public class ImageDecodingException : Exception
{
    /// <summary>An exception with a general message.</summary>
    public ImageDecodingException()
        : base("An image could not be decoded.")
    {
    }

    /// <summary>An exception with a message.</summary>
    public ImageDecodingException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    public ImageDecodingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception about a named image; the message is completed with the name.</summary>
    /// <param name="imageName">What the caller calls the image.</param>
    /// <param name="format">The format that the first bytes tell.</param>
    /// <param name="problem">What is wrong, as the rest of the sentence "The image 'name' ...".</param>
    public ImageDecodingException(string imageName, ImageFormat format, string problem)
        : base($"The image '{imageName}' {problem}")
    {
        ImageName = imageName;
        Format = format;
    }

    /// <summary>What the caller calls the image; null where no name was given.</summary>
    public string? ImageName { get; }

    /// <summary>The format that the first bytes tell.</summary>
    public ImageFormat Format { get; }
}
