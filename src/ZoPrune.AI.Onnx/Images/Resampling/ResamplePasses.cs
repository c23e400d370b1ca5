using System.Buffers;

namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>The order of passes: rows first, then columns, unless told otherwise; a pass whose size does not change is left out.</summary>
internal static class ResamplePasses
{
    /// <summary>
    /// Resizes along one axis: source of <paramref name="width"/> x <paramref name="height"/> to <paramref name="newLength"/> on that axis.
    /// </summary>
    public delegate void Pass<T>(
        ReadOnlyMemory<T> source, int width, int height, int newLength, Memory<T> target, ResampleFilter filter);

    /// <summary>Resizes an image of shape [height, width, channels].</summary>
    /// <returns>Shape [newHeight, newWidth, channels]; the source itself where nothing changes.</returns>
    public static ReadOnlyMemory<T> Run<T>(
        ReadOnlyMemory<T> source,
        (int Width, int Height) size,
        (int Width, int Height) newSize,
        int channels,
        ResampleFilter filter,
        Pass<T> rows,
        Pass<T> columns,
        bool columnsFirst,
        PictureBuffers? buffers)
        where T : unmanaged
    {
        if (size == newSize)
        {
            return source;
        }

        var result = PictureBuffers.Take<T>(buffers, checked(newSize.Width * newSize.Height * channels));
        if (size.Height == newSize.Height)
        {
            rows(source, size.Width, size.Height, newSize.Width, result, filter);
        }
        else if (size.Width == newSize.Width)
        {
            columns(source, size.Width, size.Height, newSize.Height, result, filter);
        }
        else
        {
            var length = checked((columnsFirst ? size.Width * newSize.Height : newSize.Width * size.Height) * channels);
            var rented = ArrayPool<T>.Shared.Rent(length);
            try
            {
                var between = rented.AsMemory(0, length);
                if (columnsFirst)
                {
                    columns(source, size.Width, size.Height, newSize.Height, between, filter);
                    rows(between, size.Width, newSize.Height, newSize.Width, result, filter);
                }
                else
                {
                    rows(source, size.Width, size.Height, newSize.Width, between, filter);
                    columns(between, newSize.Width, size.Height, newSize.Height, result, filter);
                }
            }
            finally
            {
                ArrayPool<T>.Shared.Return(rented);
            }
        }

        return result;
    }
}
