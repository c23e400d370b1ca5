namespace ZoPrune.AI.Tests;

public class SmokeTests
{
    [Fact]
    public void Test_data_is_in_the_repository() => Assert.True(Directory.Exists(ZoPrune.AI.Testing.TestData.Root));
}
