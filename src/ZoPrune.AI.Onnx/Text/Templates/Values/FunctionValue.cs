namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A function, method or macro.</summary>
internal sealed class FunctionValue(string name, Func<CallArguments, RenderContext, TemplateValue> body) : TemplateValue
{
    public override string TypeName => "function";

    public override bool IsTrue => true;

    public TemplateValue Call(CallArguments arguments, RenderContext context) => body(arguments, context);

    public override void Write(TracedTextBuilder text, RenderContext context) => text.Append($"<function {name}>", isUser: false);
}
