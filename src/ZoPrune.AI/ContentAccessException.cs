namespace ZoPrune.AI;

/// <summary>An image's address was refused, or could not be read within the limits of <see cref="ContentAccessOptions"/>.</summary>
public sealed class ContentAccessException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was refused or failed, and what to do.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public ContentAccessException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
