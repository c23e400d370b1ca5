using System.Buffers;
using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>
/// The large arrays of the work on one picture, rented from <see cref="ArrayPool{T}.Shared"/> and given back together. To write into an
/// array that is new costs more than many of the steps that fill it: the system has to find each page of it first.
/// </summary>
/// <remarks>
/// Whoever has made it must let nothing outlive it that lies in its arrays. Where there is none, arrays are new and belong to whoever asks
/// for them. Not thread-safe: each picture has its own.
/// </remarks>
internal sealed class PictureBuffers : IDisposable
{
    /// <summary>
    /// Arrays with more bytes than this are not rented. The pool holds on to what it got back until a full collection, so it gets what usual
    /// graphs are fed with, and not the pixels of large photos.
    /// </summary>
    public const int MostBytes = 1 << 24;

    private readonly List<(Array Array, Action<Array> Return)> _rented = [];
    private bool _isDisposed;

    /// <summary>Memory that holds whatever was in it before.</summary>
    /// <param name="owner">Gives the memory back when it is disposed; <c>null</c>: the memory is the caller's for good.</param>
    /// <param name="length">How many elements it has.</param>
    /// <exception cref="ObjectDisposedException"><paramref name="owner"/> is disposed.</exception>
    public static Memory<T> Take<T>(PictureBuffers? owner, int length)
        where T : unmanaged => owner is null ? GC.AllocateUninitializedArray<T>(length) : owner.Take<T>(length);

    /// <summary>Memory full of zeros.</summary>
    /// <param name="owner">Gives the memory back when it is disposed; <c>null</c>: the memory is the caller's for good.</param>
    /// <param name="length">How many elements it has.</param>
    /// <exception cref="ObjectDisposedException"><paramref name="owner"/> is disposed.</exception>
    public static Memory<T> TakeCleared<T>(PictureBuffers? owner, int length)
        where T : unmanaged
    {
        if (owner is null)
        {
            return new T[length];
        }

        var memory = owner.Take<T>(length);
        memory.Span.Clear();
        return memory;
    }

    /// <summary>Gives all arrays back but those that some tensors lie in.</summary>
    /// <param name="tensors">The tensors that are still needed.</param>
    public void GiveBackAllBut(IEnumerable<ImageTensor> tensors)
    {
        var needed = tensors.Select(tensor => tensor.Array).ToHashSet();
        for (var i = _rented.Count - 1; i >= 0; i--)
        {
            var (array, giveBack) = _rented[i];
            if (!needed.Contains(array))
            {
                // Off the list first: an array that is given back twice has two owners.
                _rented.RemoveAt(i);
                giveBack(array);
            }
        }
    }

    /// <summary>Gives all arrays back.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        GiveBackAllBut([]);
    }

    private Memory<T> Take<T>(int length)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if ((long)length * Unsafe.SizeOf<T>() > MostBytes)
        {
            return GC.AllocateUninitializedArray<T>(length);
        }

        var array = ArrayPool<T>.Shared.Rent(length);
        _rented.Add((array, static rented => ArrayPool<T>.Shared.Return((T[])rented)));
        return array.AsMemory(0, length);
    }
}
