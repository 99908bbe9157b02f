namespace FjBellows.Sandbox.Forge;

/// <summary>Keeps a state on disk: a whole snapshot, written beside the old one and renamed over it. Changes made while one is being
/// written share the next.</summary>
internal sealed class ForgeStateFile(ForgeState state, string path) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private long _saved = -1;

    public static ForgeState Open(string path, ForgeStateOptions options, TimeProvider time) =>
        File.Exists(path) ? ForgeState.Load(File.ReadAllBytes(path), options, time) : new ForgeState(options, time);

    /// <summary>Returns once everything that was so at the call is on disk.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var wanted = state.Version;
        if (Interlocked.Read(ref _saved) >= wanted)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_saved >= wanted)
            {
                return;
            }

            var bytes = state.Save(out var version);
            var beside = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(beside, options))
            {
                await file.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
            }

            File.Move(beside, path, overwrite: true);
            Interlocked.Exchange(ref _saved, version);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
