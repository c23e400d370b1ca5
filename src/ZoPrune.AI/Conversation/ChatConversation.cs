using ZoPrune.AI.Content;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Conversation;

/// <summary>The turns of a request and the images that they show, in the order of their first appearance.</summary>
internal sealed record ChatConversation(IReadOnlyList<ChatTurn> Turns, IReadOnlyList<ImageSource> Images)
{
    /// <summary>The ids of calls that were made, and of calls whose results are there.</summary>
    public IEnumerable<string> CallIds => Turns.SelectMany(turn => turn.ToolCalls.Select(call => call.Id).Append(turn.ToolCallId)).OfType<string>();

    /// <param name="tools">What the model is told of, if anything.</param>
    public ChatPrompt ToPrompt(IReadOnlyList<ToolDefinition>? tools = null) => new(Turns) { Tools = tools ?? [] };
}
