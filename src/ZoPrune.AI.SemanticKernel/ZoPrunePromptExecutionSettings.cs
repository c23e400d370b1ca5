using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.SemanticKernel.Settings;

namespace ZoPrune.AI.SemanticKernel;

/// <summary>
/// Execution settings of a prompt for a model that <c>AddZoPruneChatClient</c> or <c>AddZoPruneChatCompletion</c> added. What is
/// <see langword="null"/> is left to the client's options and the model folder.
/// </summary>
/// <remarks>
/// <para>
/// Plain <see cref="PromptExecutionSettings"/> work as well, those of prompt files in JSON and YAML among them: the names in their
/// <see cref="PromptExecutionSettings.ExtensionData"/> are the JSON names of the properties here (<c>temperature</c>,
/// <c>keep_ratio</c>, …), or the keys of chat options (<c>ZoPrune.KeepRatio</c>), without regard to case.
/// </para>
/// <para>
/// A value that a setting cannot have is an <see cref="ArgumentException"/> that names the setting. Settings that nobody knows are ignored,
/// as the built-in connectors do: the same prompt may be written for several models. Only names that begin with <c>ZoPrune.</c> must be
/// known. Semantic Kernel converts typed settings by reflection: where that is switched off (Native AOT) use plain ones.
/// <see cref="PromptExecutionSettings.ModelId"/> chooses the service; it must be the model folder's name or <see langword="null"/>.
/// </para>
/// </remarks>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class ZoPrunePromptExecutionSettings : PromptExecutionSettings
{
    private float? _temperature;
    private float? _topP;
    private int? _topK;
    private int? _maxTokens;
    private long? _seed;
    private float? _frequencyPenalty;
    private float? _presencePenalty;
    private IList<string>? _stopSequences;
    private object? _responseFormat;
    private double? _keepRatio;
    private int? _maxVisualTokens;
    private int? _minVisualTokens;
    private SensitivityEstimation? _estimator;
    private TokenSelection? _selector;
    private CosineSpace? _cosineSpace;
    private int? _pruningSeed;
    private PositionPolicy? _positionPolicy;
    private bool? _includeSensitivities;

    /// <summary>The temperature of sampling, 0 or above; 0 is greedy.</summary>
    [JsonPropertyName(StandardSettings.Temperature)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Temperature
    {
        get => _temperature;
        set
        {
            ThrowIfFrozen();
            _temperature = value;
        }
    }

    /// <summary>The share of probability from which tokens are drawn: 0 to 1.</summary>
    [JsonPropertyName(StandardSettings.TopP)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TopP
    {
        get => _topP;
        set
        {
            ThrowIfFrozen();
            _topP = value;
        }
    }

    /// <summary>The number of most probable tokens from which one is drawn; 0: no limit.</summary>
    [JsonPropertyName(StandardSettings.TopK)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TopK
    {
        get => _topK;
        set
        {
            ThrowIfFrozen();
            _topK = value;
        }
    }

    /// <summary>The most tokens of the answer, at least 1.</summary>
    [JsonPropertyName(StandardSettings.MaxTokens)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxTokens
    {
        get => _maxTokens;
        set
        {
            ThrowIfFrozen();
            _maxTokens = value;
        }
    }

    /// <summary>The seed of sampling. The seed of pruning is <see cref="PruningSeed"/>.</summary>
    [JsonPropertyName(StandardSettings.Seed)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed
    {
        get => _seed;
        set
        {
            ThrowIfFrozen();
            _seed = value;
        }
    }

    /// <summary>What a token loses for every time it was used; 0: nothing.</summary>
    [JsonPropertyName(StandardSettings.FrequencyPenalty)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? FrequencyPenalty
    {
        get => _frequencyPenalty;
        set
        {
            ThrowIfFrozen();
            _frequencyPenalty = value;
        }
    }

    /// <summary>What a token loses for having been used; 0: nothing.</summary>
    [JsonPropertyName(StandardSettings.PresencePenalty)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? PresencePenalty
    {
        get => _presencePenalty;
        set
        {
            ThrowIfFrozen();
            _presencePenalty = value;
        }
    }

    /// <summary>Texts that end the answer; they are no part of it.</summary>
    [JsonPropertyName(StandardSettings.StopSequences)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IList<string>? StopSequences
    {
        get => _stopSequences;
        set
        {
            ThrowIfFrozen();
            _stopSequences = value;
        }
    }

    /// <summary>
    /// The form of the answer: <c>"text"</c>, <c>"json_object"</c>, a JSON schema as a <see cref="JsonElement"/>, or a <see cref="Type"/>,
    /// which becomes its schema.
    /// </summary>
    [JsonPropertyName(StandardSettings.ResponseFormat)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? ResponseFormat
    {
        get => _responseFormat;
        set
        {
            ThrowIfFrozen();
            _responseFormat = value is Type type ? ((ChatResponseFormatJson)ChatResponseFormat.ForJsonSchema(type)).Schema : value;
        }
    }

    /// <summary>The share of an image's visual tokens that stays: above 0, at most 1; 1 prunes nothing.</summary>
    [JsonPropertyName(PruningSettingNames.KeepRatio)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? KeepRatio
    {
        get => _keepRatio;
        set
        {
            ThrowIfFrozen();
            _keepRatio = value;
        }
    }

    /// <summary>The most visual tokens that one image keeps, at least 1.</summary>
    [JsonPropertyName(PruningSettingNames.MaxVisualTokens)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxVisualTokens
    {
        get => _maxVisualTokens;
        set
        {
            ThrowIfFrozen();
            _maxVisualTokens = value;
        }
    }

    /// <summary>The fewest visual tokens that one image keeps, at least 1.</summary>
    [JsonPropertyName(PruningSettingNames.MinVisualTokens)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinVisualTokens
    {
        get => _minVisualTokens;
        set
        {
            ThrowIfFrozen();
            _minVisualTokens = value;
        }
    }

    /// <summary>How the sensitivity of visual tokens is found; in JSON by name.</summary>
    [JsonPropertyName(PruningSettingNames.Estimator)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(JsonStringEnumConverter<SensitivityEstimation>))]
    public SensitivityEstimation? Estimator
    {
        get => _estimator;
        set
        {
            ThrowIfFrozen();
            _estimator = value;
        }
    }

    /// <summary>The rule that selects the visual tokens that stay; in JSON by name.</summary>
    [JsonPropertyName(PruningSettingNames.Selector)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(JsonStringEnumConverter<TokenSelection>))]
    public TokenSelection? Selector
    {
        get => _selector;
        set
        {
            ThrowIfFrozen();
            _selector = value;
        }
    }

    /// <summary>The space in which selectors compare embeddings; in JSON by name.</summary>
    [JsonPropertyName(PruningSettingNames.CosineSpace)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(JsonStringEnumConverter<CosineSpace>))]
    public CosineSpace? CosineSpace
    {
        get => _cosineSpace;
        set
        {
            ThrowIfFrozen();
            _cosineSpace = value;
        }
    }

    /// <summary>The seed of the zeroth-order directions and of random selection.</summary>
    [JsonPropertyName(PruningSettingNames.PruningSeed)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PruningSeed
    {
        get => _pruningSeed;
        set
        {
            ThrowIfFrozen();
            _pruningSeed = value;
        }
    }

    /// <summary>Which positions the kept tokens take in the prompt; in JSON by name.</summary>
    [JsonPropertyName(PruningSettingNames.PositionPolicy)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(JsonStringEnumConverter<PositionPolicy>))]
    public PositionPolicy? PositionPolicy
    {
        get => _positionPolicy;
        set
        {
            ThrowIfFrozen();
            _positionPolicy = value;
        }
    }

    /// <summary>Whether the pruning report carries the sensitivity of every token.</summary>
    [JsonPropertyName(PruningSettingNames.IncludeSensitivities)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IncludeSensitivities
    {
        get => _includeSensitivities;
        set
        {
            ThrowIfFrozen();
            _includeSensitivities = value;
        }
    }

    /// <summary>Settings of any kind as these.</summary>
    /// <param name="executionSettings">The settings; <see langword="null"/>: none.</param>
    /// <returns>The same instance if it is of this type, else a new one. What is not known stays in
    /// <see cref="PromptExecutionSettings.ExtensionData"/>.</returns>
    /// <exception cref="ArgumentException">A setting has a value that it cannot have; the message names it.</exception>
    public static ZoPrunePromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? executionSettings) =>
        executionSettings switch
        {
            null => new ZoPrunePromptExecutionSettings(),
            ZoPrunePromptExecutionSettings same => same,
            _ => ExecutionSettingsConversion.Convert(executionSettings),
        };

    /// <inheritdoc/>
    public override void Freeze()
    {
        if (IsFrozen)
        {
            return;
        }

        _stopSequences = _stopSequences is null ? null : new ReadOnlyCollection<string>(_stopSequences);
        base.Freeze();
    }

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone() => new ZoPrunePromptExecutionSettings
    {
        ServiceId = ServiceId,
        ModelId = ModelId,
        FunctionChoiceBehavior = FunctionChoiceBehavior,
        ExtensionData = ExtensionData is { } data ? new Dictionary<string, object>(data) : null,
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        MaxTokens = MaxTokens,
        Seed = Seed,
        FrequencyPenalty = FrequencyPenalty,
        PresencePenalty = PresencePenalty,
        StopSequences = StopSequences is { } stops ? [.. stops] : null,
        ResponseFormat = ResponseFormat,
        KeepRatio = KeepRatio,
        MaxVisualTokens = MaxVisualTokens,
        MinVisualTokens = MinVisualTokens,
        Estimator = Estimator,
        Selector = Selector,
        CosineSpace = CosineSpace,
        PruningSeed = PruningSeed,
        PositionPolicy = PositionPolicy,
        IncludeSensitivities = IncludeSensitivities,
    };
}
