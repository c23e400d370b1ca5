using Microsoft.Win32.SafeHandles;

namespace ZoPrune.AI.SyntheticVlm.Weights;

/// <summary>A file of external data: tensors one behind the other, written through small buffers so that none is ever in memory.</summary>
internal sealed class WeightStream : IDisposable
{
    /// <summary>Tensors begin at multiples of this many bytes, so that ONNX Runtime can map them.</summary>
    public const int Alignment = 4096;

    private readonly SafeFileHandle _file;

    /// <param name="file">The file, which is overwritten.</param>
    public WeightStream(string file) => _file = File.OpenHandle(file, FileMode.Create, FileAccess.Write);

    /// <summary>The bytes that are given away so far.</summary>
    public long Length { get; private set; }

    /// <summary>The place of the next tensor.</summary>
    /// <param name="bytes">Its size.</param>
    /// <returns>What takes its bytes, all of them, before it is disposed of.</returns>
    public WeightRegion Reserve(long bytes)
    {
        var offset = (Length + Alignment - 1) / Alignment * Alignment;
        Length = offset + bytes;
        return new WeightRegion(_file, offset, bytes);
    }

    public void Dispose() => _file.Dispose();
}
