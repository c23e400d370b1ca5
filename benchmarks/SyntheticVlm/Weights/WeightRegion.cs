using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZoPrune.AI.SyntheticVlm.Weights;

/// <summary>The bytes of one tensor in a file of weights, written from first to last.</summary>
/// <param name="file">The file.</param>
/// <param name="offset">Where the tensor begins.</param>
/// <param name="length">Its size in bytes.</param>
internal sealed class WeightRegion(SafeFileHandle file, long offset, long length) : IDisposable
{
    /// <summary>What is kept in memory, and the most bytes that one call may bring.</summary>
    public const int BufferBytes = 256 * 1024;

    private readonly byte[] _buffer = new byte[Math.Min(BufferBytes, length)];
    private int _filled;
    private long _written;

    /// <summary>Where the tensor begins in the file.</summary>
    public long Offset => offset;

    /// <summary>The size of the tensor in bytes.</summary>
    public long Length => length;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="ArgumentException">More than <see cref="BufferBytes"/>, or more than the tensor has.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes)
        {
            throw new ArgumentException($"{bytes.Length} bytes at once; {BufferBytes} of a tensor may be in memory.", nameof(bytes));
        }

        var left = length - _written - _filled;
        if (bytes.Length > left)
        {
            throw new ArgumentException($"{left} of the tensor's {length} bytes are left, and here come {bytes.Length}.", nameof(bytes));
        }

        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..count].CopyTo(_buffer.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == _buffer.Length)
            {
                Flush();
            }
        }
    }

    /// <summary>Appends numbers, little-endian.</summary>
    /// <exception cref="ArgumentException">As for bytes.</exception>
    public void Write(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            Write(MemoryMarshal.AsBytes(values));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            Write(bytes);
        }
    }

    /// <summary>Writes what is left.</summary>
    /// <exception cref="InvalidOperationException">Bytes are missing.</exception>
    public void Complete()
    {
        Flush();
        if (_written != length)
        {
            throw new InvalidOperationException($"The tensor has {length} bytes; {_written} were written.");
        }
    }

    public void Dispose() => Flush();

    private void Flush()
    {
        RandomAccess.Write(file, _buffer.AsSpan(0, _filled), offset + _written);
        _written += _filled;
        _filled = 0;
    }
}
