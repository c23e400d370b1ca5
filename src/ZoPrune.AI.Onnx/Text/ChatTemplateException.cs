namespace ZoPrune.AI.Onnx.Text;

/// <summary>A chat template is malformed, uses something that is not supported, exceeds a limit, or refuses the messages.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="templateName">The template, usually the file it came from.</param>
    /// <param name="line">The line of the template, from 1; 0 if there is none.</param>
    /// <param name="reason">What is wrong; for <c>raise_exception</c> the template's own message.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public ChatTemplateException(string templateName, int line, string reason, Exception? innerException = null)
        : base(line > 0 ? $"{templateName}, line {line}: {reason}" : $"{templateName}: {reason}", innerException)
    {
        TemplateName = templateName;
        Line = line;
        Reason = reason;
    }

    /// <summary>The template.</summary>
    public string TemplateName { get; }

    /// <summary>The line of the template, from 1; 0 if there is none.</summary>
    public int Line { get; }

    /// <summary>What is wrong, without template and line; for <c>raise_exception</c> the template's own message.</summary>
    public string Reason { get; }
}
