using System.Text;
using ZoPrune.AI.Onnx.Text.Tokenizers;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class UnicodeNormalizationTests
{
    [Theory]
    [InlineData("NFC", NormalizationForm.FormC)]
    [InlineData("NFD", NormalizationForm.FormD)]
    [InlineData("NFKC", NormalizationForm.FormKC)]
    [InlineData("NFKD", NormalizationForm.FormKD)]
    public void Strings_are_normalised_as_Python_does(string name, NormalizationForm form)
    {
        var cases = TextTestData.Read(TestData.PathTo("unicode", "normalization.json")).GetProperty("cases").EnumerateArray().ToList();
        Assert.Equal(300, cases.Count);
        Assert.All(cases, entry =>
        {
            var text = entry.GetProperty("text").GetString()!;
            Assert.Equal(entry.GetProperty(name).GetString(), UnicodeNormalization.Tables.Normalize(text, form));
            var traced = new UnicodeNormalizer(form).Normalize(new OriginText(text, new TextOrigin[text.Length]));
            Assert.Equal(entry.GetProperty(name).GetString(), traced.Text);
            Assert.Equal(traced.Text.Length, traced.Origins.Length);
        });
    }
}
