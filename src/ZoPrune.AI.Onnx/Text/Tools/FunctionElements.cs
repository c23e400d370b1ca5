using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Reads <c>&lt;function=name&gt;&lt;parameter=key&gt;value&lt;/parameter&gt;&lt;/function&gt;</c>.</summary>
internal static class FunctionElements
{
    /// <summary>Begins the element; the name follows.</summary>
    public const string Function = "<function=";

    private const string FunctionEnd = "</function>";
    private const string Parameter = "<parameter=";
    private const string ParameterEnd = "</parameter>";

    /// <summary>The length of the element, or <see cref="JsonExtent.Incomplete"/> or <see cref="JsonExtent.Invalid"/>, and the
    /// call.</summary>
    public static (int Length, List<ToolCall> Calls) Read(string text, int start, IReadOnlyDictionary<string, ToolDefinition> tools)
    {
        var at = start;
        if (Tag(text, ref at, Function) is not (true, { } name))
        {
            return (Begins(text, at, Function) ? JsonExtent.Incomplete : JsonExtent.Invalid, []);
        }

        if (!Marker.IsName(name))
        {
            return (JsonExtent.Invalid, []);
        }

        tools.TryGetValue(name, out var tool);
        var arguments = new JsonObject();
        while (true)
        {
            at = Marker.SkipSpace(text, at);
            var rest = text.AsSpan(at);
            if (rest.StartsWith(FunctionEnd, StringComparison.Ordinal))
            {
                return (at + FunctionEnd.Length - start, [new ToolCall(null, name, arguments)]);
            }

            if (Tag(text, ref at, Parameter) is not (true, { } key))
            {
                var isOpen = Begins(text, at, Parameter) || Begins(text, at, FunctionEnd);
                return (isOpen ? JsonExtent.Incomplete : JsonExtent.Invalid, []);
            }

            var end = FindValueEnd(text, at);
            if (end < 0)
            {
                return (JsonExtent.Incomplete, []);
            }

            arguments[key] = ArgumentText.Read(Unwrap(text[at..end]), tool, key);
            at = text.AsSpan(end).StartsWith(ParameterEnd, StringComparison.Ordinal) ? end + ParameterEnd.Length : end;
        }
    }

    /// <summary>Where the first tag is that can end a value: models leave the closing one out.</summary>
    private static int FindValueEnd(string text, int start)
    {
        for (var at = start; (at = text.IndexOf('<', at)) >= 0; at++)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith(ParameterEnd, StringComparison.Ordinal)
                || rest.StartsWith(Parameter, StringComparison.Ordinal)
                || rest.StartsWith(FunctionEnd, StringComparison.Ordinal))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Reads <c>&lt;kind=name&gt;</c>.</summary>
    private static (bool IsTag, string? Name) Tag(string text, ref int at, string kind)
    {
        if (!text.AsSpan(at).StartsWith(kind, StringComparison.Ordinal))
        {
            return (false, null);
        }

        var end = text.IndexOf('>', at);
        if (end < 0)
        {
            return (false, null);
        }

        var name = text[(at + kind.Length)..end].Trim();
        at = end + 1;
        return (true, name);
    }

    /// <summary>Whether a tag may still come: it is begun, or its name is not closed.</summary>
    private static bool Begins(string text, int at, string tag)
    {
        var rest = text.AsSpan(at);
        return Marker.IsBegun(rest, tag) || (rest.StartsWith(tag, StringComparison.Ordinal) && !rest.Contains('>') && !rest.Contains('\n'));
    }

    /// <summary>The template writes a line break before and behind a value.</summary>
    private static string Unwrap(string value)
    {
        var start = value.StartsWith('\n') ? 1 : 0;
        var end = value.Length - (value.Length > start && value.EndsWith('\n') ? 1 : 0);
        return value[start..end];
    }
}
