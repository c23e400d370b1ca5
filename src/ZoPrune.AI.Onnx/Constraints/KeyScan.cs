namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Where in a JSON text the bytes so far end, as far as it matters for keys.</summary>
internal enum KeyScan : byte
{
    /// <summary>Anywhere but in a string or before a key.</summary>
    Outside,

    /// <summary>Where a key may begin.</summary>
    BeforeKey,

    /// <summary>In a key.</summary>
    Key,

    /// <summary>In a key, behind a backslash.</summary>
    KeyEscape,

    /// <summary>In another string.</summary>
    String,

    /// <summary>In another string, behind a backslash.</summary>
    StringEscape,
}
