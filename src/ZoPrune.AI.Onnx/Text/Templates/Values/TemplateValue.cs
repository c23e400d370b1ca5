namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A value of a template, with Python's meaning.</summary>
internal abstract class TemplateValue
{
    /// <summary>Python's name of the type, for errors.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether a condition holds for the value.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>Writes the value as <c>str()</c> gives it.</summary>
    public abstract void Write(TracedTextBuilder text, RenderContext context);

    /// <summary>Writes the value as <c>repr()</c> gives it, which is how it looks inside a list.</summary>
    public virtual void WriteLiteral(TracedTextBuilder text, RenderContext context) => Write(text, context);

    /// <summary>The elements when iterated, or null if the value cannot be iterated.</summary>
    public virtual IEnumerable<TemplateValue>? Elements(RenderContext context) => null;

    /// <summary>What <c>len()</c> gives, or null if the value has no length.</summary>
    public virtual int? LengthOf() => null;

    /// <summary>The attribute or method of a name, or null if there is none.</summary>
    public virtual TemplateValue? Attribute(string name, RenderContext context) => null;

    /// <summary>The item under a key, or null if there is none.</summary>
    public virtual TemplateValue? Item(TemplateValue key, RenderContext context) => null;

    /// <summary><c>str()</c> of the value.</summary>
    public TracedText ToText(RenderContext context)
    {
        if (this is TextValue text)
        {
            return text.Text;
        }

        var builder = new TracedTextBuilder(context);
        Write(builder, context);
        return builder.ToText();
    }
}
