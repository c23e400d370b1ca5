using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Generation;

/// <summary>
/// What a call's <see cref="ChatOptions"/> say about generation, checked and copied: later changes of the options do not reach the call.
/// </summary>
internal sealed record GenerationSettings
{
    public string? Instructions { get; private init; }

    public int? MaxOutputTokens { get; private init; }

    public IReadOnlyList<string> StopSequences { get; private init; } = [];

    public float? Temperature { get; private init; }

    public float? TopP { get; private init; }

    public int? TopK { get; private init; }

    public int? Seed { get; private init; }

    public float? FrequencyPenalty { get; private init; }

    public float? PresencePenalty { get; private init; }

    /// <summary>The tools of the call; <see langword="null"/> if there are none.</summary>
    public ToolSettings? Tools { get; private init; }

    /// <summary>The JSON that the answer is held to, not looked at yet; <see langword="null"/>: nothing.</summary>
    public ChatResponseFormatJson? ResponseFormat { get; private init; }

    /// <param name="options">The options of the call, or <see langword="null"/>. They are not changed.</param>
    /// <param name="modelId">The model that answers.</param>
    /// <exception cref="NotSupportedException">The options ask for what the model cannot do.</exception>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static GenerationSettings Create(ChatOptions? options, string modelId)
    {
        if (options is null)
        {
            return new GenerationSettings();
        }

        CheckSupported(options, modelId);
        return new GenerationSettings
        {
            Instructions = options.Instructions,
            MaxOutputTokens = Check(options.MaxOutputTokens, n => n >= 1, nameof(options.MaxOutputTokens), "at least 1"),
            StopSequences = ReadStopSequences(options.StopSequences),
            Temperature = Check(options.Temperature, t => t >= 0 && float.IsFinite(t), nameof(options.Temperature), "0 (greedy) or above"),
            TopP = Check(options.TopP, p => p is >= 0 and <= 1, nameof(options.TopP), "between 0 and 1"),
            TopK = Check(options.TopK, k => k >= 0, nameof(options.TopK), "0 (no limit) or above"),
            Seed = options.Seed is { } seed ? unchecked((int)(seed ^ (seed >> 32))) : null,
            FrequencyPenalty = Check(options.FrequencyPenalty, float.IsFinite, nameof(options.FrequencyPenalty), "a finite number"),
            PresencePenalty = Check(options.PresencePenalty, float.IsFinite, nameof(options.PresencePenalty), "a finite number"),
            Tools = ToolSettings.Create(options),
            ResponseFormat = options.ResponseFormat is ChatResponseFormatJson json ? Copy(json) : null,
        };
    }

    /// <summary>The folder's own sampling with this call's settings on top.</summary>
    /// <remarks>
    /// Temperature 0 is greedy. A temperature above 0, or top-p or top-k without a temperature, turns sampling on, also where the folder is
    /// greedy; a folder's <c>top_k</c> of 1, with which it says just that, then gives way to the format's default.
    /// </remarks>
    public SamplingOptions ToSampling(SamplingOptions folder)
    {
        var asked = Temperature is > 0 || (Temperature is null && (TopP is not null || TopK is not null));
        var samples = Temperature is not 0 && (asked || folder.DoSample);
        var topK = !folder.DoSample && folder.TopK == 1 ? new SamplingOptions().TopK : folder.TopK;
        return folder with
        {
            DoSample = samples,
            Temperature = Temperature is > 0 ? Temperature.Value : folder.Temperature,
            TopP = TopP ?? folder.TopP,
            TopK = TopK ?? (samples ? topK : folder.TopK),
            Seed = Seed ?? folder.Seed,
            FrequencyPenalty = FrequencyPenalty ?? folder.FrequencyPenalty,
            PresencePenalty = PresencePenalty ?? folder.PresencePenalty,
        };
    }

    private static void CheckSupported(ChatOptions options, string modelId)
    {
        if (options.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson))
        {
            throw new NotSupportedException(
                $"The model folder '{modelId}' answers in text or JSON; a response format of {options.ResponseFormat.GetType().Name} is "
                + "not supported.");
        }

        if (options is { ResponseFormat: ChatResponseFormatJson, StopSequences.Count: > 0 })
        {
            throw new NotSupportedException(
                "A stop sequence could cut a JSON answer short. Leave ChatOptions.StopSequences empty beside a JSON "
                + "ChatOptions.ResponseFormat: the answer ends where the JSON does.");
        }

        if (options.ModelId is { } other && other != modelId)
        {
            throw new NotSupportedException(
                $"The call asks for the model '{other}', but this client has the model '{modelId}'. Leave ChatOptions.ModelId unset.");
        }

        if (options.ConversationId is not null)
        {
            throw new NotSupportedException(
                "The client keeps no conversations: send the whole history and leave ChatOptions.ConversationId unset.");
        }

#pragma warning disable MEAI001 // Experimental, but set is set.
        if (options.ContinuationToken is not null)
        {
            throw new NotSupportedException(
                "The client has no background responses to continue; leave ChatOptions.ContinuationToken unset.");
        }
#pragma warning restore MEAI001
    }

    private static ChatResponseFormatJson Copy(ChatResponseFormatJson format) => format.Schema switch
    {
        null => ChatResponseFormat.Json,
        { ValueKind: JsonValueKind.Undefined } => throw new ArgumentException("ChatOptions.ResponseFormat has a schema that is undefined."),
        { } schema => ChatResponseFormat.ForJsonSchema(schema.Clone()),
    };

    private static string[] ReadStopSequences(IList<string>? sequences)
    {
        string[] stops = [.. sequences ?? []];
        return Array.FindIndex(stops, string.IsNullOrEmpty) is >= 0 and var index
            ? throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"ChatOptions.StopSequences[{index}] is null or empty."))
            : stops;
    }

    private static T? Check<T>(T? value, Func<T, bool> isValid, string name, string range)
        where T : struct, IFormattable =>
        value is not { } given || isValid(given)
            ? value
            : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"ChatOptions.{name} is {given}; it must be {range}."));
}
