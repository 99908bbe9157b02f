return await FjBellows.Sandbox.Runner.SandboxRunner.RunAsync(args);
