using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Generation;

/// <summary>Takes the text of an answer apart into text and calls of functions.</summary>
internal sealed class ToolCallReader
{
    // What every template takes: some refuse ids of other lengths.
    private const int IdLength = 9;

    private readonly ToolCallParser _parser;
    private readonly bool _isSingle;
    private readonly HashSet<string> _ids;
    private readonly Queue<AIContent> _contents = new();

    /// <param name="settings">What may be called.</param>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="usedIds">The ids of calls earlier in the conversation: a model that repeats one must not answer for it twice.</param>
    public ToolCallReader(ToolSettings settings, ToolCallFormat format, IEnumerable<string> usedIds)
    {
        _ids = new HashSet<string>(usedIds, StringComparer.Ordinal);
        _parser = new ToolCallParser(format, settings.Tools);
        _isSingle = settings.AllowMultiple == false;
    }

    /// <summary>Whether there was a call.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Whether the call that may be made was made: what follows is not wanted.</summary>
    public bool IsDone => _isSingle && HasCalls;

    public void Append(string text) => Take(_parser.Append(text));

    public void Flush()
    {
        if (!IsDone)
        {
            Take(_parser.Flush());
        }
    }

    /// <summary>The next text or call that is certain; <see langword="null"/> if there is none yet.</summary>
    public AIContent? Next() => _contents.TryDequeue(out var content) ? content : null;

    private void Take(IReadOnlyList<ToolCallPiece> pieces)
    {
        foreach (var piece in pieces)
        {
            if (IsDone)
            {
                return;
            }

            _contents.Enqueue(piece.Call is { } call ? ToContent(call) : new TextContent(piece.Text));
        }
    }

    private FunctionCallContent ToContent(ToolCall call)
    {
        HasCalls = true;
        var id = call.Id;
        while (string.IsNullOrEmpty(id) || !_ids.Add(id))
        {
            id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        }

        return new FunctionCallContent(id, call.Name, Arguments(call));
    }

    private static Dictionary<string, object?> Arguments(ToolCall call)
    {
        // As other clients give them: elements, and null for null.
        using var document = JsonDocument.Parse(call.Arguments.ToJsonString());
        return document.RootElement.EnumerateObject().ToDictionary(
            property => property.Name,
            property => property.Value.ValueKind == JsonValueKind.Null ? null : (object?)property.Value.Clone(),
            StringComparer.Ordinal);
    }
}
