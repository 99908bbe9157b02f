namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>A stand-in for forgejo-runner: a shell script that writes down what it was started with and then does as its behaviour
/// says.</summary>
internal static class FakeRunner
{
    /// <summary>Writes the program.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="behaviour">Shell text that runs after the runner's start was written down. <c>$seen</c> is the directory of what was
    /// seen.</param>
    /// <returns>The program's path and the directory where it leaves what it saw.</returns>
    public static (string Program, string Seen) Write(string directory, string behaviour)
    {
        var seen = Path.Combine(directory, "seen");
        Directory.CreateDirectory(seen);
        var program = Path.Combine(directory, "runner");
        File.WriteAllText(program, $$"""
            #!/bin/sh
            seen='{{seen}}'
            if [ "$1" = --version ]; then echo 'forgejo-runner version v12.10.1'; exit 0; fi
            for word in "$@"; do printf '%s\0' "$word"; done > "$seen/argv.$$"
            env > "$seen/env.$$"
            while [ $# -gt 0 ]; do
              case "$1" in
                --token-url) token=${2#file:} ;;
                --config) config=$2 ;;
              esac
              shift
            done
            cp "$token" "$seen/token.$$"; stat -c %a "$token" > "$seen/mode.$$"
            cp "$config" "$seen/config.$$"
            echo "time=now level=info msg=\"task 214 repo is o/r\""
            mv "$seen/argv.$$" "$seen/argv"; mv "$seen/env.$$" "$seen/env"; mv "$seen/token.$$" "$seen/token"
            mv "$seen/mode.$$" "$seen/mode"; mv "$seen/config.$$" "$seen/config"
            echo $$ >> "$seen/pids"
            {{behaviour}}
            """.ReplaceLineEndings("\n"));
        return (program, seen);
    }
}
