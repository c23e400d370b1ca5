using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.SemanticKernel.Vision;

/// <summary>
/// The images that the functions of the vision plugin may look at. The application fills it; a model can only name what is in it, by id.
/// </summary>
/// <remarks>
/// <para>
/// Make one store for each conversation. Whoever may call the plugin's functions may look at every image of its store, and the ids are
/// short and in sequence (<c>image-1</c>, <c>image-2</c>), so that models copy them without error: they keep nobody out. An id is never
/// given twice.
/// </para>
/// <para>
/// Thread-safe. Bounded in number and bytes: a store that is full refuses, it does not forget images that a model may still name.
/// </para>
/// </remarks>
public sealed class ImageStore
{
    /// <summary>The most images unless another number is given: 100.</summary>
    public const int DefaultMaxCount = 100;

    /// <summary>The most bytes of all images together unless another number is given: 256 MiB.</summary>
    public const long DefaultMaxBytes = 256L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, StoredImage> _images = new(StringComparer.OrdinalIgnoreCase);
    private long _lastNumber;
    private long _bytes;

    /// <summary>An empty store with the default bounds.</summary>
    public ImageStore()
        : this(DefaultMaxCount, DefaultMaxBytes)
    {
    }

    /// <summary>An empty store.</summary>
    /// <param name="maxCount">The most images, at least 1.</param>
    /// <param name="maxBytes">The most bytes of all images together, encoded as they are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is below 1.</exception>
    public ImageStore(int maxCount, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        MaxCount = maxCount;
        MaxBytes = maxBytes;
    }

    /// <summary>The most images.</summary>
    public int MaxCount { get; }

    /// <summary>The most bytes of all images together.</summary>
    public long MaxBytes { get; }

    /// <summary>The number of images now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _images.Count;
            }
        }
    }

    /// <summary>Adds an image. Its bytes are copied; they are decoded only when a model asks about it.</summary>
    /// <param name="data">The encoded image.</param>
    /// <param name="mediaType">Its media type, <c>image/…</c>; <see langword="null"/>: what the bytes say.</param>
    /// <param name="description">A few words for the orchestrating model: where the image comes from, what it is meant to show.</param>
    /// <returns>The id to tell the model.</returns>
    /// <exception cref="ArgumentException"><paramref name="data"/> is empty, or <paramref name="mediaType"/> is not one of an
    /// image.</exception>
    /// <exception cref="InvalidOperationException">The store is full.</exception>
    public string Add(ReadOnlyMemory<byte> data, string? mediaType = null, string? description = null)
    {
        if (data.IsEmpty)
        {
            throw new ArgumentException("The image has no bytes.", nameof(data));
        }

        if (mediaType is not null && !mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The media type '{mediaType}' is not one of an image.", nameof(mediaType));
        }

        var type = mediaType ?? TypeOf(ImageDecoder.Sniff(data.Span));
        lock (_lock)
        {
            if (_images.Count >= MaxCount)
            {
                throw new InvalidOperationException(Invariant(
                    $"The image store holds {_images.Count} images, the most it may. Remove one, or make a store a conversation."));
            }

            if (data.Length > MaxBytes - _bytes)
            {
                throw new InvalidOperationException(Invariant(
                    $"The image of {data.Length} bytes does not fit: the image store holds {_bytes} of at most {MaxBytes} bytes."));
            }

            var id = Invariant($"image-{++_lastNumber}");
            _images.Add(id, new StoredImage(id, data.ToArray(), type, description));
            _bytes += data.Length;
            return id;
        }
    }

    /// <summary>Removes an image. Calls that look at it already go on.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is <see langword="null"/>.</exception>
    public bool Remove(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_lock)
        {
            if (!_images.Remove(id, out var image))
            {
                return false;
            }

            _bytes -= image.Data.Length;
            return true;
        }
    }

    /// <summary>Removes all images.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _images.Clear();
            _bytes = 0;
        }
    }

    /// <summary>Finds an image.</summary>
    /// <param name="id">Its id, without regard to case.</param>
    /// <param name="image">The image, if it is there.</param>
    /// <returns>Whether it is there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is <see langword="null"/>.</exception>
    public bool TryGet(string id, [NotNullWhen(true)] out StoredImage? image)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_lock)
        {
            return _images.TryGetValue(id, out image);
        }
    }

    /// <summary>All images as they are now, the oldest first.</summary>
    public IReadOnlyList<StoredImage> ToList()
    {
        lock (_lock)
        {
            return [.. _images.Values];
        }
    }

    private static string TypeOf(ImageFormat format) => format switch
    {
        ImageFormat.Png => "image/png",
        ImageFormat.Jpeg => "image/jpeg",
        ImageFormat.WebP => "image/webp",
        ImageFormat.Gif => "image/gif",
        ImageFormat.Bmp => "image/bmp",
        _ => "image/*",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
