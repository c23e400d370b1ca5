namespace ZoPrune.AI.Benchmarks.EndToEnd.Memory;

/// <summary>What a process does whose peak memory is measured.</summary>
internal enum MemoryCase
{
    /// <summary>The folder's three graphs in plain sessions, each run once, the decoder over the unpruned prompt.</summary>
    Sessions,

    /// <summary>The chat client, all visual tokens.</summary>
    Client,

    /// <summary>The chat client, the smallest budget.</summary>
    ClientPruned,

    /// <summary>GenAI's own pipeline, all visual tokens.</summary>
    GenAIPipeline,

    /// <summary>The chat client with GenAI as the language model, all visual tokens.</summary>
    GenAIClient,
}
