using System.Globalization;
using Spectre.Console;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Inspection;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Tool;

/// <summary>An inspection for people: coloured in a terminal, plain text in a file.</summary>
internal static class InspectionText
{
    private const string Unknown = "unknown";
    private const int MostExampleCharacters = 300;

    /// <summary>Columns where there is no terminal to ask: whoever reads a file has the room.</summary>
    private const int FileWidth = 200;

    public static void Write(ModelInspection inspection, TextWriter output)
    {
        var isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = FileWidth;
        }

        Heading(console, "Folder");
        var summary = Pairs();
        Add(summary, "path", inspection.Path);
        Add(summary, "layout", inspection.Layout switch
        {
            ModelFolderLayout.GenAI => "ONNX Runtime GenAI",
            ModelFolderLayout.TransformersJs => "transformers.js",
            _ => "no model folder",
        });
        Add(summary, "type", Type(inspection));
        Add(summary, "context length", Number(inspection.ContextLength));
        Add(summary, "vocabulary", Number(inspection.Vocabulary));
        Add(summary, "EOS ids", inspection.EosTokenIds.Count == 0 ? Unknown : string.Join(", ", inspection.EosTokenIds));
        Add(summary, "tokenizer", inspection.Tokenizer is { } tokenizer
            ? $"{tokenizer.Kind}, {Number(tokenizer.Size)} ids, {Number(tokenizer.AddedTokens)} added tokens"
            : Unknown);
        console.Write(summary);

        WriteGraphs(console, inspection);
        WritePruning(console, inspection);
        WritePrompt(console, inspection);
        WriteImages(console, inspection);
        WriteFindings(console, "Warnings", "yellow", inspection.Warnings);
        WriteFindings(console, "Problems", "red", inspection.Problems);
        console.WriteLine();
        console.MarkupLine(inspection.CanLoad ? "[green]The folder would load.[/]" : $"[red]The folder would not load: {inspection.Problems.Count} {(inspection.Problems.Count == 1 ? "problem" : "problems")}.[/]");
    }

    private static string Type(ModelInspection inspection) => (inspection.Type, inspection.IsTypeSupported) switch
    {
        (null, _) when inspection.Layout is null => Unknown,
        (null, _) => $"{Unknown}; supported are {string.Join(", ", inspection.SupportedTypes)}",
        (var type, true) => $"{type} (supported)",
        var (type, _) => $"{type} (not supported; supported are {string.Join(", ", inspection.SupportedTypes)})",
    };

    private static void WriteGraphs(IAnsiConsole console, ModelInspection inspection)
    {
        if (inspection.Graphs.Count == 0)
        {
            return;
        }

        Heading(console, "Graphs");
        foreach (var graph in inspection.Graphs)
        {
            console.MarkupLineInterpolated($"[bold]{graph.Role}[/]  {Path.GetRelativePath(inspection.Path, graph.File)}");
            var pairs = Pairs();
            if (graph.Bytes is { } bytes)
            {
                Add(pairs, "size", Size(bytes));
            }
            else
            {
                Add(pairs, "size", "the file is missing");
            }

            if (graph.Precision is { } precision)
            {
                Add(pairs, "precision", precision);
                Add(pairs, "operators", $"{Number(graph.Nodes)} nodes, opset {(graph.Opset is { } opset ? Number(opset) : Unknown)}"
                    + (graph.ForeignOperators.Count > 0 ? "; " + string.Join(", ", graph.ForeignOperators) : ""));
                AddTensors(pairs, "inputs", graph.Inputs);
                AddTensors(pairs, "outputs", graph.Outputs);
            }

            if (graph.Variants.Count > 1)
            {
                Add(pairs, "side by side", string.Join(", ", graph.Variants.Select(v => v == Path.GetFileName(graph.File) ? v + " (chosen)" : v)));
            }

            console.Write(pairs);
        }
    }

    /// <summary>Decoders have two tensors a layer: beyond a few they are counted.</summary>
    private static void AddTensors(Grid pairs, string name, IReadOnlyList<GraphTensor> tensors)
    {
        const int Most = 8;
        var lines = tensors.Take(Most).Select(Tensor).ToList();
        if (tensors.Count > Most)
        {
            lines.Add($"and {tensors.Count - Most} more");
        }

        Add(pairs, name, string.Join('\n', lines));
    }

    private static string Tensor(GraphTensor tensor) =>
        $"{tensor.Name}: {tensor.ElementType} [{(tensor.Shape is null ? "rank not declared" : string.Join(", ", tensor.Shape.Select(d => d is { } size ? Number(size) : "?")))}]";

    private static void WritePruning(IAnsiConsole console, ModelInspection inspection)
    {
        if (inspection.Graphs.Count == 0)
        {
            return;
        }

        Heading(console, "Pruning");
        var pairs = Pairs();
        if (inspection.Projector is { } projector)
        {
            Add(pairs, "projector", projector.HiddenWidth is { } hidden
                ? $"{Number(projector.InputWidth)} -> {Number(hidden)} -> {projector.Activation} -> {Number(projector.OutputWidth)}"
                : $"{Number(projector.InputWidth)} -> {Number(projector.OutputWidth)} (one affine map)");
            Add(pairs, "tensors", $"{projector.InputTensor} -> {projector.OutputTensor}");
        }
        else
        {
            Add(pairs, "projector", "not found");
        }

        Add(pairs, "estimator", inspection.NoEstimatorReason is { } reason
            ? $"none, tokens are selected by diversity alone: {reason}"
            : inspection.SensitivityMethods.Count == 0
                ? Unknown
                : string.Join(", ", inspection.SensitivityMethods.Select((m, i) => (m == SensitivityMethod.ClosedForm ? "closed form" : "zeroth order") + (i == 0 ? " (default)" : ""))));
        Add(pairs, "positions", inspection.Positions switch
        {
            PositionKind.None => "none; the decoder counts by itself",
            PositionKind.OneAxis => "one number a token",
            PositionKind.ThreeAxes => "time, height and width (mRoPE)",
            _ => Unknown,
        });
        Add(pairs, "position policies", inspection.PositionPolicies.Count == 0 ? Unknown : string.Join(", ", inspection.PositionPolicies));
        console.Write(pairs);
    }

    private static void WritePrompt(IAnsiConsole console, ModelInspection inspection)
    {
        if (inspection.Prompt is null && inspection.ChatTemplate is null)
        {
            return;
        }

        Heading(console, "Prompt");
        var pairs = Pairs();
        if (inspection.Prompt is { } prompt)
        {
            Add(pairs, "placeholder", $"{prompt.Placeholder} (id {prompt.PlaceholderId.ToString(CultureInfo.InvariantCulture)})");
            Add(pairs, "image marker", prompt.Marker);
        }

        if (inspection.ChatTemplate is { } template)
        {
            Add(pairs, "chat template", Path.IsPathRooted(template.Source) ? Path.GetRelativePath(inspection.Path, template.Source) : template.Source);
            Add(pairs, "system turn", template.HasSystemRole ? "yes" : "no");
            Add(pairs, "tools", !template.HasTools ? "no" : template.ToolCallFormat is { } format ? $"yes, calls as {format}" : "yes, calls in a format that is not known");
            Add(pairs, "images as", template.ImageContent == ContentForm.String ? "text in a string" : "items of a list");
            Add(pairs, "example", template.Example is { } example ? Shorten(example.TrimEnd('\n')) : "the template refuses a question about an image");
        }

        console.Write(pairs);
    }

    private static void WriteImages(IAnsiConsole console, ModelInspection inspection)
    {
        if (inspection.ImageTokens.Count == 0)
        {
            return;
        }

        Heading(console, "Visual tokens");
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            new TableColumn("picture"), new TableColumn("tokens").RightAligned(), new TableColumn("crops").RightAligned(), new TableColumn("grid"), new TableColumn(""));
        foreach (var image in inspection.ImageTokens)
        {
            table.AddRow(
                new Text($"{Number(image.Width)} x {Number(image.Height)}"),
                new Text(image.Tokens is { } tokens ? Number(tokens) : "?"),
                new Text(image.Crops is { } crops ? Number(crops) : ""),
                new Text(image.Grid is { } grid ? $"{Number(grid.Rows)} x {Number(grid.Columns)}" : ""),
                new Text(image.Reason ?? ""));
        }

        console.Write(table);
    }

    private static void WriteFindings(IAnsiConsole console, string title, string colour, IReadOnlyList<InspectionProblem> findings)
    {
        if (findings.Count == 0)
        {
            return;
        }

        Heading(console, title);
        foreach (var finding in findings)
        {
            var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(1)).AddColumn();
            var text = finding.File is { } file && !finding.Message.Contains(file, StringComparison.Ordinal) ? $"{file}: {finding.Message}" : finding.Message;
            grid.AddRow(new Text("-", Style.Parse(colour)), new Text(text));
            console.Write(grid);
        }
    }

    private static void Heading(IAnsiConsole console, string title)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold blue]{title}[/]");
    }

    private static Grid Pairs() => new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(2)).AddColumn(new GridColumn().PadRight(0));

    private static void Add(Grid pairs, string name, string value) => pairs.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));

    private static string Shorten(string text) => text.Length <= MostExampleCharacters ? text : text[..MostExampleCharacters] + " ...";

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    private static string Size(long bytes) => bytes switch
    {
        < 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.00} GiB"),
    };
}
