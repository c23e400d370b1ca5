namespace ZoPrune.AI.Configuration;

/// <summary>Finds the model folder when no option names one: the environment variable, then the model that lies beside the application.</summary>
internal sealed class ModelLocator(Func<string, string?> environment, string baseDirectory)
{
    /// <summary>Asks the process's environment and the application's own directory.</summary>
    public static ModelLocator Default { get; } = new(Environment.GetEnvironmentVariable, AppContext.BaseDirectory);

    /// <summary>The folder to load, or <see langword="null"/> if there is none.</summary>
    /// <param name="configured">The configured folder; it wins if it is not empty.</param>
    public string? Find(string? configured)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return configured;
        }

        if (environment(ZoPruneOptions.ModelPathVariable) is { } path && !string.IsNullOrWhiteSpace(path))
        {
            return path;
        }

        // Where the package ZoPrune.AI.PocketVlm puts its model; this assembly must not depend on that package.
        var bundled = Path.Combine(baseDirectory, "zoprune", "pocket-vlm");
        return Directory.Exists(bundled) ? bundled : null;
    }
}
