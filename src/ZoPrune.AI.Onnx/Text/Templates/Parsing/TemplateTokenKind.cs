namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The kinds of template tokens.</summary>
internal enum TemplateTokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,

    /// <summary><c>{{</c>.</summary>
    PrintBegin,

    /// <summary><c>}}</c>.</summary>
    PrintEnd,

    /// <summary><c>{%</c>.</summary>
    BlockBegin,

    /// <summary><c>%}</c>.</summary>
    BlockEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A string literal, without quotes and escapes.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction or exponent.</summary>
    Float,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>Behind the last token.</summary>
    End,
}
