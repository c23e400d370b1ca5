namespace ZoPrune.AI.SemanticKernel.Vision;

/// <summary>An image of an <see cref="ImageStore"/>.</summary>
public sealed class StoredImage
{
    internal StoredImage(string id, ReadOnlyMemory<byte> data, string mediaType, string? description)
    {
        Id = id;
        Data = data;
        MediaType = mediaType;
        Description = description;
    }

    /// <summary>The name by which models ask for the image: <c>image-1</c>.</summary>
    public string Id { get; }

    /// <summary>The encoded image.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The media type: as given, else as the bytes say, else <c>image/*</c>.</summary>
    public string MediaType { get; }

    /// <summary>What the application says about the image; orchestrating models read it.</summary>
    public string? Description { get; }
}
