using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>Writes a vector as a NumPy file.</summary>
internal static class NpyFile
{
    private const int Alignment = 64;

    /// <summary>Writes float32 values.</summary>
    public static void Write(string file, ReadOnlySpan<float> values)
    {
        var length = values.Length.ToString(CultureInfo.InvariantCulture);
        var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({length},), }}";
        const int Start = 10;
        var header = ((Start + text.Length + 1 + Alignment - 1) / Alignment * Alignment) - Start;
        var bytes = new byte[Start + header + (values.Length * sizeof(float))];
        bytes[0] = 0x93;
        Encoding.ASCII.GetBytes("NUMPY", bytes.AsSpan(1));
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)header);
        Encoding.ASCII.GetBytes(text.PadRight(header - 1) + "\n", bytes.AsSpan(Start));
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(Start + header + (i * sizeof(float))), values[i]);
        }

        File.WriteAllBytes(file, bytes);
    }
}
