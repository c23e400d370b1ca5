using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Looks at a model folder without loading it: what it is, what it can do, and what keeps it from being opened.</summary>
public static class ModelInspector
{
    /// <summary>Inspects a folder. A folder that cannot be used is no exception but a result with problems.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">What to look at; everything but sessions by default.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty or no path.</exception>
    public static ModelInspection Inspect(string path, ModelInspectionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new ModelInspectionOptions();
        var full = Path.GetFullPath(path);
        var findings = new Findings();
        var result = findings.Try(() => ModelFolder.Open(full, options.Model.Variants)) is { } folder
            ? Describe(new ModelParts(folder, options.Model), findings, options)
            : Guess(full, findings);
        if (options.OpenSessions && findings.Problems.Count == 0)
        {
            findings.Try(() =>
            {
                VisionLanguageModel.Load(full, options.Model).Dispose();
                return result;
            });
        }

        return result with { Problems = findings.Problems, Warnings = findings.Warnings };
    }

    /// <summary>What can be said of a folder whose description is damaged.</summary>
    private static ModelInspection Guess(string path, Findings findings)
    {
        var genAI = Path.Combine(path, GenAIFolder.ConfigFileName);
        var layout = File.Exists(genAI) ? ModelFolderLayout.GenAI
            : File.Exists(Path.Combine(path, TransformersJsFolder.ConfigFileName)) ? ModelFolderLayout.TransformersJs
            : (ModelFolderLayout?)null;
        var supported = layout is { } known ? ModelFamilies.TypesOf(known).ToArray() : [];
        var type = layout switch
        {
            ModelFolderLayout.GenAI => Findings.Quietly(() => JsonConfig.Load(genAI).Section("model").String("type")),
            ModelFolderLayout.TransformersJs => Findings.Quietly(() => JsonConfig.Load(Path.Combine(path, TransformersJsFolder.ConfigFileName)).String("model_type")),
            _ => null,
        };
        return new ModelInspection
        {
            Path = path,
            Layout = layout,
            Type = type,
            SupportedTypes = supported,
            IsTypeSupported = type is not null && supported.Contains(type, StringComparer.Ordinal),
        };
    }

    private static ModelInspection Describe(ModelParts parts, Findings findings, ModelInspectionOptions options)
    {
        foreach (var check in parts.Checks)
        {
            findings.Check(check);
        }

        var folder = parts.Folder;
        var vision = findings.Try(() => parts.Vision);
        var language = findings.Try(() => parts.Language);
        var projector = vision?.Projector?.Describe();
        var reason = vision is null ? null : VisionLanguageModel.ReasonFor(projector);
        var isMultiAxis = findings.Try(() => parts.Family)?.Positions.IsMultiAxis == true;
        PositionKind? positions = language is null ? null
            : language.Inputs.PositionAxes == 0 ? PositionKind.None
            : isMultiAxis && language.Inputs.PositionAxes > 1 ? PositionKind.ThreeAxes
            : PositionKind.OneAxis;
        return new ModelInspection
        {
            Path = folder.Path,
            Layout = folder.Layout,
            Type = folder.Type,
            IsTypeSupported = findings.Try(() => parts.Entry) is not null,
            SupportedTypes = [.. ModelFamilies.TypesOf(folder.Layout)],
            ContextLength = folder.ContextLength,
            Vocabulary = language?.Vocabulary ?? folder.VocabSize,
            EosTokenIds = folder.EosTokenIds,
            Graphs =
            [
                Graph(folder.Vision, () => parts.VisionGraph, findings),
                Graph(folder.Embedding, () => parts.EmbeddingGraph, findings),
                Graph(folder.Decoder, () => parts.DecoderGraph, findings),
            ],
            Projector = projector,
            SensitivityMethods = vision is null || reason is not null ? [] : Methods(vision.Projector!, findings),
            NoEstimatorReason = reason,
            Prompt = findings.Try(() => new PromptInspection(parts.Family.PlaceholderText, parts.Family.PlaceholderOf(0), parts.Family.Marker)),
            Positions = positions,
            PositionPolicies = positions switch
            {
                PositionKind.None => [PositionPolicy.Compact],
                PositionKind.OneAxis => [PositionPolicy.Original, PositionPolicy.Compact],
                PositionKind.ThreeAxes => [PositionPolicy.Original],
                _ => [],
            },
            Tokenizer = findings.Try(() => TokenizerInspector.Describe(folder.TokenizerFolder, parts.Tokenizer)),
            ChatTemplate = findings.Try(() => ChatTemplateInspector.Describe(parts)),
            ImageTokens = [.. options.ImageSizes.Select(size => ImageTokens(parts, size.Width, size.Height, findings))],
        };
    }

    private static GraphInspection Graph(GraphSection section, Func<OnnxGraph> read, Findings findings)
    {
        if (findings.Try(() => GraphInspector.Describe(section)) is not { } described)
        {
            return new GraphInspection { Role = section.Name, File = section.File };
        }

        if (findings.Try(read) is not { } graph)
        {
            return described;
        }

        foreach (var doubt in GraphInspector.Doubts(graph))
        {
            findings.Warn(graph.File, doubt);
        }

        described = findings.Try(() => GraphInspector.Describe(described, graph)) ?? described;
        return findings.Try(() => described with { Bytes = described.Bytes + GraphInspector.ExternalBytes(graph) }) ?? described;
    }

    /// <summary>
    /// The closed form needs the projector's weights; the zeroth order runs it, and finds nothing out about one affine map.
    /// </summary>
    private static IReadOnlyList<SensitivityMethod> Methods(Projector projector, Findings findings)
    {
        try
        {
            if (projector.Activation is null)
            {
                _ = projector.Normalization is null ? null : projector.ReadNormalizedWeights();
                return projector.Normalization is null ? [] : [SensitivityMethod.ClosedForm];
            }

            projector.ReadWeights();
            return [SensitivityMethod.ClosedForm, SensitivityMethod.ZerothOrder];
        }
        catch (ModelFolderException e)
        {
            findings.Warn(e.Path, "the projector's weights cannot be read, so that there is no closed form: " + e.Message);
            return projector.Activation is null ? [] : [SensitivityMethod.ZerothOrder];
        }
    }

    /// <summary>A size that the model refuses is no fault of the folder.</summary>
    private static ExpectedImageTokens ImageTokens(ModelParts parts, int width, int height, Findings findings)
    {
        var unknown = new ExpectedImageTokens { Width = width, Height = height };
        if (findings.Try(() => parts.Images) is null || findings.Try(() => parts.Vision) is null)
        {
            return unknown with { Reason = "the folder has problems" };
        }

        try
        {
            return ImageTokenCounter.Count(parts, width, height);
        }
        catch (NotSupportedException e)
        {
            return unknown with { Reason = e.Message };
        }
        catch (Exception e)
        {
            findings.Add(e);
            return unknown with { Reason = "the folder has problems" };
        }
    }
}
