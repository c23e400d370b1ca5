using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Content;

/// <summary>An image of a request: what errors call it, and the content that holds or names it.</summary>
/// <param name="Name">Its number in the request and where it stands, for messages: <c>0 (message 2, content 1)</c>.</param>
/// <param name="Content">A <see cref="DataContent"/> or a <see cref="UriContent"/>.</param>
internal sealed record ImageSource(string Name, AIContent Content);
