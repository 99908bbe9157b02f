using FjBellows.Daemon.Commands;

// First of all, before anything else of this program is loaded: it is started once for each job of a sandbox.
if (args is ["sandbox-runner", .. var rest])
{
    return await FjBellows.Sandbox.Runner.SandboxRunner.RunAsync(rest);
}

return await CommandLine.InvokeAsync(args, Console.Out, Console.Error);
