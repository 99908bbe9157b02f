using System.Runtime.Versioning;

// sshd, namespaces, /proc and file modes: these tests live on Linux.
[assembly: SupportedOSPlatform("linux")]
