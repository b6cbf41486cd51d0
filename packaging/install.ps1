# Installs imr @VERSION@ for this user: into %LOCALAPPDATA%\imr, or where IMR_INSTALL says.
# It downloads one archive, checks its digest, and unpacks it. IMR_DOWNLOAD is where the release is.
$ErrorActionPreference = 'Stop'
$version = '@VERSION@'
if (-not $env:IMR_DOWNLOAD) { throw 'Set IMR_DOWNLOAD to the address of the release that this script is from.' }
$to = if ($env:IMR_INSTALL) { $env:IMR_INSTALL } else { Join-Path $env:LOCALAPPDATA 'imr' }
$name = "imr-$version-x86_64-pc-windows-msvc"
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory $work | Out-Null
try {
    foreach ($file in "$name.zip", 'SHA256SUMS') {
        Invoke-WebRequest "$env:IMR_DOWNLOAD/$file" -OutFile (Join-Path $work $file) -UseBasicParsing
    }
    $line = Get-Content (Join-Path $work 'SHA256SUMS') | Where-Object { $_.EndsWith("  $name.zip") }
    $digest = (Get-FileHash (Join-Path $work "$name.zip") -Algorithm SHA256).Hash
    if (-not $line -or $line.Split(' ')[0] -ne $digest.ToLower()) { throw "The digest of $name.zip is not the one of SHA256SUMS." }
    Expand-Archive (Join-Path $work "$name.zip") $work
    New-Item -ItemType Directory $to -Force | Out-Null
    Copy-Item (Join-Path $work "$name\*") $to -Recurse -Force
} finally {
    Remove-Item $work -Recurse -Force
}
$path = [Environment]::GetEnvironmentVariable('Path', 'User')
if (($path -split ';') -notcontains $to) { [Environment]::SetEnvironmentVariable('Path', "$path;$to", 'User') }
Write-Output "imr $version is in $to; open a new window to use it"
