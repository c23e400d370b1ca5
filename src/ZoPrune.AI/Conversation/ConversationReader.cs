using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Content;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Conversation;

/// <summary>
/// Turns chat messages into the turns of a chat template, and collects their images. What a turn cannot hold is an error that names it.
/// </summary>
/// <remarks>
/// Roles go to the template as they are. Each result in a message of a tool becomes a turn of its own, calls belong to the assistant's turn;
/// what becomes of them where a template knows nothing of tools is decided when the model is known.
/// </remarks>
internal sealed class ConversationReader
{
    public const string Tool = "tool";

    private const string System = "system";
    private const string User = "user";
    private const string Assistant = "assistant";

    // Indentation is nothing that a model should read.
    private static readonly JsonSerializerOptions Json = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private readonly List<ChatTurn> _turns = [];
    private readonly List<ImageSource> _images = [];
    private readonly Dictionary<string, string> _toolNames = new(StringComparer.Ordinal);

    private ConversationReader()
    {
    }

    /// <exception cref="NotSupportedException">A role or content that the model cannot take.</exception>
    /// <exception cref="ArgumentException">There is nothing to answer, or a message or content is <see langword="null"/>.</exception>
    public static ChatConversation Read(IReadOnlyList<ChatMessage> messages, string? instructions)
    {
        var reader = new ConversationReader();
        if (!string.IsNullOrEmpty(instructions))
        {
            reader._turns.Add(new ChatTurn(System, [new TextPart(instructions)]));
        }

        for (var i = 0; i < messages.Count; i++)
        {
            reader.AddMessage(messages[i] ?? throw new ArgumentException(Invariant($"Message {i} is null."), nameof(messages)), i);
        }

        return reader._turns.Count == 0
            ? throw new ArgumentException("There are no messages and no instructions: there is nothing to answer.", nameof(messages))
            : new ChatConversation(reader._turns, reader._images);
    }

    private static string RoleOf(ChatMessage message, int index)
    {
        if (message.Role == ChatRole.User || message.Role == ChatRole.Tool)
        {
            return User;
        }

        if (message.Role == ChatRole.System)
        {
            return System;
        }

        return message.Role == ChatRole.Assistant
            ? Assistant
            : throw new NotSupportedException(
                Invariant($"Message {index} has the role '{message.Role}'; the model knows system, user, assistant and tool."));
    }

    private void AddMessage(ChatMessage message, int index)
    {
        var role = RoleOf(message, index);
        var parts = new List<ChatPart>();
        var calls = new List<ToolCall>();
        var turn = new ChatTurn(role, parts) { ToolCalls = calls };
        for (var i = 0; i < message.Contents.Count; i++)
        {
            var place = Invariant($"message {index}, content {i}");
            var content = message.Contents[i] ?? throw new ArgumentException($"The content at {place} is null.");
            if (content is FunctionResultContent result && message.Role == ChatRole.Tool)
            {
                AddTurn(turn);
                parts = [];
                turn = new ChatTurn(Tool, parts)
                {
                    ToolCallId = result.CallId,
                    ToolName = _toolNames.GetValueOrDefault(result.CallId),
                };
            }

            if (content is FunctionCallContent call && role == Assistant)
            {
                _toolNames[call.CallId] = call.Name;
                calls.Add(new ToolCall(call.CallId, call.Name, ToArguments(call, place)));
            }
            else
            {
                AddContent(parts, content, role, place);
            }
        }

        AddTurn(turn, isLast: true);

        void AddTurn(ChatTurn finished, bool isLast = false)
        {
            // What stands before the first result of a message; an empty message is an empty turn all the same.
            if (finished.Role == Tool || finished.Parts.Count > 0 || isLast)
            {
                _turns.Add(finished);
            }
        }
    }

    private void AddContent(List<ChatPart> parts, AIContent content, string role, string place)
    {
        switch (content)
        {
            case TextContent text:
                parts.Add(new TextPart(text.Text));
                break;
            case TextReasoningContent reasoning when role == Assistant && reasoning.Text.Length > 0:
                AddLine(parts, reasoning.Text);
                break;
            case TextReasoningContent reasoning when role == Assistant && string.IsNullOrEmpty(reasoning.ProtectedData):
                // A thought of no words, as streams leave them behind. One that is encrypted is refused below: it cannot be read.
                break;
            case DataContent data:
                CheckImage(data.MediaType, data.HasTopLevelMediaType("image"), role, place);
                AddImage(parts, data, place);
                break;
            case UriContent uri:
                CheckImage(uri.MediaType, uri.HasTopLevelMediaType("image"), role, place);
                AddImage(parts, uri, place);
                break;
            case FunctionResultContent result when role == User:
                AddResult(parts, result, place);
                break;
            case UsageContent:
                // Numbers about an earlier call, which streamed responses leave in a history: nothing that was said.
                break;
            default:
                throw new NotSupportedException(
                    $"The model cannot take {content.GetType().Name} in a turn of the {role} ({place}). It takes text and images, and "
                    + "the calls and results of functions as text and images.");
        }
    }

    private void AddResult(List<ChatPart> parts, FunctionResultContent content, string place)
    {
        switch (SerializedContents.Restore(content.Result))
        {
            case null when content.Exception is not null:
                AddLine(parts, "Error: the function failed.");
                break;
            case null:
                AddLine(parts, "null");
                break;
            case string text:
                AddLine(parts, text);
                break;
            case TextContent text:
                AddLine(parts, text.Text);
                break;
            case AIContent single:
                AddContent(parts, single, User, place);
                break;
            case IEnumerable<AIContent> several:
                foreach (var one in several)
                {
                    AddContent(parts, one ?? throw new ArgumentException($"A result at {place} is null."), User, place);
                }

                break;
            case JsonElement { ValueKind: JsonValueKind.String } json:
                AddLine(parts, json.GetString()!);
                break;
            case JsonElement json:
                AddLine(parts, json.GetRawText());
                break;
            case var other:
                AddLine(parts, ToText(other, place));
                break;
        }
    }

    private void AddImage(List<ChatPart> parts, AIContent content, string place)
    {
        var name = content is DataContent { Name.Length: > 0 } named
            ? Invariant($"{_images.Count} ({named.Name}; {place})")
            : Invariant($"{_images.Count} ({place})");
        parts.Add(new ImagePart(_images.Count));
        _images.Add(new ImageSource(name, content));
    }

    /// <summary>Adds text that is a line of its own: a result, a call, a thought.</summary>
    private static void AddLine(List<ChatPart> parts, string text)
    {
        if (parts is [.., TextPart last])
        {
            parts[^1] = new TextPart(last.Text + "\n" + text);
        }
        else
        {
            parts.Add(new TextPart(text));
        }
    }

    private static void CheckImage(string mediaType, bool isImage, string role, string place)
    {
        // The type is a claim: what the bytes are is for the decoder to see. This is only about what was meant.
        if (!isImage && mediaType != "application/octet-stream")
        {
            throw new NotSupportedException($"The model cannot take content of type '{mediaType}' ({place}). It takes text and images.");
        }

        if (role != User)
        {
            throw new NotSupportedException(
                $"The model cannot take an image in a turn of the {role} ({place}); put it into a user message.");
        }
    }

    private static JsonObject ToArguments(FunctionCallContent call, string place) => call.Arguments is null
        ? []
        : JsonNode.Parse(ToText(call.Arguments, place))!.AsObject();

    private static string ToText(object value, string place)
    {
        try
        {
            return JsonSerializer.Serialize(value, Json.GetTypeInfo(value is IDictionary<string, object?>
                ? typeof(IDictionary<string, object?>)
                : typeof(object)));
        }
        catch (Exception e) when (e is NotSupportedException or JsonException)
        {
            throw new NotSupportedException($"A value of type {value.GetType()} ({place}) cannot be written as JSON: {e.Message}", e);
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
