using ZoPrune.AI.SemanticKernel.Vision;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.SemanticKernel.Tests;

public sealed class ImageStoreTests
{
    [Fact]
    public void Ids_count_up_and_are_never_given_twice()
    {
        var store = new ImageStore();
        Assert.Equal("image-1", store.Add(new byte[] { 1 }));
        Assert.Equal("image-2", store.Add(new byte[] { 2 }, "image/tiff", "a scan"));
        Assert.True(store.Remove("image-2"));
        Assert.False(store.Remove("image-2"));
        Assert.Equal("image-3", store.Add(new byte[] { 3 }));
        Assert.Equal(["image-1", "image-3"], store.ToList().Select(i => i.Id));
        store.Clear();
        Assert.Equal(0, store.Count);
        Assert.Equal("image-4", store.Add(new byte[] { 4 }));
    }

    [Fact]
    public void An_image_is_a_copy_with_the_media_type_of_its_bytes()
    {
        var bytes = Golden.ReadImage(Golden.First.Image);
        var store = new ImageStore();
        var id = store.Add(bytes, description: "a test");
        var expected = bytes.ToArray();
        Array.Clear(bytes);

        Assert.True(store.TryGet(id.ToUpperInvariant(), out var image));
        Assert.Equal((id, "image/png", "a test"), (image.Id, image.MediaType, image.Description));
        Assert.True(image.Data.Span.SequenceEqual(expected));

        store.TryGet(store.Add(new byte[] { 1 }), out var unknown);
        Assert.Equal("image/*", unknown!.MediaType);
        store.TryGet(store.Add(new byte[] { 1 }, "image/tiff"), out var given);
        Assert.Equal("image/tiff", given!.MediaType);
    }

    [Fact]
    public void A_full_store_refuses_and_takes_again_what_was_freed()
    {
        var few = new ImageStore(maxCount: 2, maxBytes: 100);
        few.Add(new byte[1]);
        few.Add(new byte[1]);
        var error = Assert.Throws<InvalidOperationException>(() => few.Add(new byte[1]));
        Assert.Contains("2 images", error.Message, StringComparison.Ordinal);

        var small = new ImageStore(maxCount: 10, maxBytes: 10);
        var first = small.Add(new byte[6]);
        error = Assert.Throws<InvalidOperationException>(() => small.Add(new byte[5]));
        Assert.Contains("at most 10 bytes", error.Message, StringComparison.Ordinal);
        small.Add(new byte[4]);
        small.Remove(first);
        small.Add(new byte[6]);
        small.Clear();
        small.Add(new byte[10]);
    }

    [Fact]
    public void What_is_no_image_is_refused()
    {
        var store = new ImageStore();
        Assert.Throws<ArgumentException>("data", () => store.Add(default));
        Assert.Throws<ArgumentException>("mediaType", () => store.Add(new byte[1], "text/html"));
        Assert.Throws<ArgumentOutOfRangeException>("maxCount", () => new ImageStore(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("maxBytes", () => new ImageStore(1, 0));
    }

    [Fact]
    public async Task Many_may_add_and_remove_at_once()
    {
        var store = new ImageStore(1000, 1000);
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var own = new List<string>();
            for (var i = 0; i < 100; i++)
            {
                own.Add(store.Add(new byte[1]));
                if (i % 2 == 1)
                {
                    Assert.True(store.Remove(own[^1]));
                }
            }

            return own;
        })));

        Assert.Equal(800, ids.SelectMany(i => i).Distinct().Count());
        Assert.Equal(400, store.Count);
    }
}
