using System.Security.Cryptography;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Brings calls and results of a conversation into the order and shape that a template takes.</summary>
/// <param name="form">What the template takes.</param>
internal sealed class ToolTurnArranger(ToolTurnForm form)
{
    private const int ShortIdLength = 9;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public List<ChatTurn> Arrange(IReadOnlyList<ChatTurn> turns)
    {
        var arranged = new List<ChatTurn>();
        for (var i = 0; i < turns.Count;)
        {
            var turn = turns[i++];
            if (turn.Role == PlainToolTurns.ToolRole)
            {
                // A run of results without calls before it.
                i--;
                AddResults(arranged, TakeResults(turns, ref i));
            }
            else if (turn.ToolCalls.Count > 1 && form.IsOneCallATurn)
            {
                AddOneByOne(arranged, turn, TakeResults(turns, ref i));
            }
            else if (turn.ToolCalls.Count > 0)
            {
                arranged.Add(turn with { ToolCalls = [.. turn.ToolCalls.Select(call => call with { Id = IdOf(call.Id) })] });
                AddResults(arranged, TakeResults(turns, ref i));
            }
            else
            {
                arranged.Add(turn);
            }
        }

        return arranged;
    }

    private static List<ChatTurn> TakeResults(IReadOnlyList<ChatTurn> turns, ref int next)
    {
        var results = new List<ChatTurn>();
        while (next < turns.Count && turns[next].Role == PlainToolTurns.ToolRole)
        {
            results.Add(turns[next++]);
        }

        return results;
    }

    /// <summary>Each result behind its call, in the order of the results: that is the order in which images are numbered.</summary>
    private void AddOneByOne(List<ChatTurn> arranged, ChatTurn turn, List<ChatTurn> results)
    {
        var answered = results.Select(result => turn.ToolCalls.FirstOrDefault(call => call.Id == result.ToolCallId)).ToArray();
        var isFirst = true;
        foreach (var call in turn.ToolCalls.Except(answered.OfType<ToolCall>(), ReferenceEqualityComparer.Instance).Cast<ToolCall>())
        {
            AddCall(call);
        }

        for (var i = 0; i < results.Count; i++)
        {
            if (answered[i] is { } call)
            {
                AddCall(call);
            }

            AddResults(arranged, [results[i]]);
        }

        void AddCall(ToolCall call)
        {
            arranged.Add(turn with { Parts = isFirst ? turn.Parts : [], ToolCalls = [call with { Id = IdOf(call.Id) }] });
            isFirst = false;
        }
    }

    private void AddResults(List<ChatTurn> arranged, List<ChatTurn> results)
    {
        var images = new List<ChatPart>();
        foreach (var result in results)
        {
            var own = result.Parts.Where(part => part is ImagePart).ToArray();
            var parts = result.Parts;
            if (own.Length > 0 && form.ImageForm is null)
            {
                images.AddRange(own);
                parts = WithoutImages(parts, own.Length);
            }

            arranged.Add(result with { Parts = parts, ToolCallId = IdOf(result.ToolCallId) });
        }

        if (images.Count > 0)
        {
            arranged.Add(new ChatTurn("user", images));
        }
    }

    private static ChatPart[] WithoutImages(IReadOnlyList<ChatPart> parts, int count)
    {
        var text = string.Join('\n', parts.OfType<TextPart>().Select(part => part.Text).Where(t => t.Length > 0));
        var note = count == 1 ? "(an image: see the next message)" : "(images: see the next message)";
        return [new TextPart(text.Length == 0 ? note : text + "\n" + note)];
    }

    private string? IdOf(string? id) =>
        id is null || !form.NeedsShortIds || (id.Length == ShortIdLength && id.All(char.IsAsciiLetterOrDigit)) ? id : Shorten(id);

    /// <summary>The same id always becomes the same short one, so that a prompt that is sent again stays the same.</summary>
    private static string Shorten(string id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Create(ShortIdLength, hash, static (target, bytes) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = Digits[bytes[i] % Digits.Length];
            }
        });
    }
}
