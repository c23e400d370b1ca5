namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>How the matrices of the decoder are stored. Everything else is float32.</summary>
internal enum WeightPrecision
{
    /// <summary><c>MatMulNBits</c>: 4 bits, blocks of 32, symmetric.</summary>
    Int4,

    /// <summary><c>MatMul</c>.</summary>
    Float32,
}
