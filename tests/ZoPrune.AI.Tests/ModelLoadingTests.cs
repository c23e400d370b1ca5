using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class ModelLoadingTests
{
    [Fact]
    public async Task A_folder_that_cannot_be_used_is_an_error_and_the_next_call_tries_again()
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(PocketVlm.ModelPath).Where(f => !f.EndsWith("decoder.onnx", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        using var client = Clients.Create(o => o.ModelPath = folder.Path);
        var error = await Assert.ThrowsAsync<ModelFolderException>(() => client.GetResponseAsync("hello", cancellationToken: token));
        Assert.Contains("decoder.onnx", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ModelFolderException>(() => client.LoadAsync(token));

        File.Copy(Path.Combine(PocketVlm.ModelPath, "decoder.onnx"), Path.Combine(folder.Path, "decoder.onnx"));
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), token);
        Assert.Equal(Golden.First.Text, response.Text);
        Assert.Equal(Path.GetFileName(folder.Path), response.ModelId);
    }

    [Fact]
    public void Nothing_is_loaded_before_it_is_needed()
    {
        using var folder = new TemporaryFolder();
        folder.Add("genai_config.json", [(byte)'{', (byte)'}']);
        using var client = Clients.Create(o => o.ModelPath = folder.Path);
        Assert.Equal(Path.GetFileName(folder.Path), client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Throws<ModelFolderException>(() => client.GetService<VisionLanguageModel>());
    }
}
