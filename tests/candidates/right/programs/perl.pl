#!/usr/bin/env perl
# Right: a program in Perl that speaks JSON lines and answers with hexadecimal floats; all 15 activations.
use strict;
use warnings;
use JSON::PP;
use POSIX qw(erfc expm1 log1p tanh);

my ($LAMBDA, $ALPHA, $PI) = (1.0507009873554804934, 1.6732632423543772848, 4 * atan2(1, 1));
my ($ROOT, $CUBIC) = (sqrt(8 / $PI), 0.044715);

sub s_ { my $t = shift; return $t >= 0 ? 1 / (1 + exp(-$t)) : exp($t) / (1 + exp($t)) }
sub cdf { return erfc(-$_[0] / sqrt(2)) / 2 }
sub v { my $t = shift; return $ROOT * ($t + $CUBIC * $t * $t * $t) }
sub low { return $_[0] < 0 ? $_[0] : 0 }
sub ramp { my $t = 3 + shift; return ($t < 0 ? 0 : $t > 6 ? 6 : $t) / 6 }

sub gelu_tanh_slope {
    my $t = shift;
    my $p = $t * (s_(v($t)) * s_(-v($t)));
    return s_(v($t)) + $ROOT * ($p + 3 * $CUBIC * ($p * $t * $t));
}

my %value = (
    sigmoid => \&s_,
    relu => sub { $_[0] > 0 ? $_[0] : 0 },
    tanh => sub { tanh($_[0]) },
    identity => sub { $_[0] },
    softplus => sub { ($_[0] > 0 ? $_[0] : 0) + log1p(exp(-abs($_[0]))) },
    silu => sub { $_[0] * s_($_[0]) },
    gelu => sub { $_[0] * cdf($_[0]) },
    gelu_tanh => sub { $_[0] * s_(v($_[0])) },
    leaky_relu => sub { $_[0] > 0 ? $_[0] : 0.01 * $_[0] },
    elu => sub { $_[0] > 0 ? $_[0] : expm1($_[0]) },
    selu => sub { $LAMBDA * ($_[0] > 0 ? $_[0] : $ALPHA * expm1($_[0])) },
    hardtanh => sub { $_[0] < -1 ? -1 : $_[0] > 1 ? 1 : $_[0] },
    hardsigmoid => \&ramp,
    hardswish => sub { $_[0] * ramp($_[0]) },
    softsign => sub { $_[0] / (1 + abs($_[0])) },
);
my %slope = (
    sigmoid => sub { s_($_[0]) * s_(-$_[0]) },
    relu => sub { $_[0] > 0 ? 1 : 0 },
    tanh => sub { 4 * s_(2 * $_[0]) * s_(-2 * $_[0]) },
    identity => sub { 1 },
    softplus => \&s_,
    silu => sub { s_($_[0]) * (1 + $_[0] * s_(-$_[0])) },
    gelu => sub { cdf($_[0]) + $_[0] * exp(-$_[0] * $_[0] / 2) / sqrt(2 * $PI) },
    gelu_tanh => \&gelu_tanh_slope,
    leaky_relu => sub { $_[0] > 0 ? 1 : 0.01 },
    elu => sub { exp(low($_[0])) },
    selu => sub { $LAMBDA * ($_[0] > 0 ? 1 : $ALPHA * exp($_[0])) },
    hardtanh => sub { $_[0] > -1 && $_[0] <= 1 ? 1 : 0 },
    hardsigmoid => sub { $_[0] > -3 && $_[0] <= 3 ? 1 / 6 : 0 },
    hardswish => sub { $_[0] <= -3 ? 0 : $_[0] <= 3 ? $_[0] / 3 + 0.5 : 1 },
    softsign => sub { 1 / (1 + abs($_[0])) / (1 + abs($_[0])) },
);

# Applies a function to every number of a nested list.
sub each_number {
    my ($f, $a) = @_;
    return ref $a ? [map { each_number($f, $_) } @$a] : $f->($a);
}

# A JSON number, or a string such as "-0x1.8p-3".
sub number {
    my $text = shift;
    return 0 + $text unless $text =~ /^([-+]?)0x([0-9a-f]+)\.?([0-9a-f]*)p([-+]?\d+)$/i;
    my ($sign, $power, $m) = ($1 eq '-' ? -1 : 1, $4 - 4 * length $3, 0);
    $m = 16 * $m + hex $_ for split //, $2 . $3;
    ($m, $power) = ($m * 2**-60, $power + 60) if $power < -1000;
    return $sign * $m * 2**$power;
}

sub dot {
    my ($a, $b) = @_;
    my @out;
    for my $i (0 .. $#$a) {
        for my $j (0 .. $#{ $b->[0] }) {
            my $sum = 0;
            $sum += $a->[$i][$_] * $b->[$_][$j] for 0 .. $#$b;
            $out[$i][$j] = $sum;
        }
    }
    return \@out;
}

sub transposed {
    my $a = shift;
    return [map { my $j = $_; [map { $_->[$j] } @$a] } 0 .. $#{ $a->[0] }];
}

$| = 1;
while (my $line = <STDIN>) {
    next unless $line =~ /\S/;
    my $case = decode_json($line);
    my ($x, $w, $t, $alpha) = map { each_number(\&number, $case->{$_}) } qw(x weights target learning_rate);
    my $last = $#$w;
    my @name = (($case->{activation}) x $last, $case->{task} eq 'classification' ? 'sigmoid' : 'identity');
    my (@h, @net) = ($x);
    for my $n (0 .. $last) {
        $net[$n] = dot($h[$n], $w->[$n]);
        $h[$n + 1] = each_number($value{ $name[$n] }, $net[$n]);
    }
    my ($rows, $columns, $loss, $sent) = (scalar @$t, scalar @{ $t->[0] }, 0, []);
    for my $b (0 .. $rows - 1) {
        for my $k (0 .. $columns - 1) {
            my $e = $h[-1][$b][$k] - $t->[$b][$k];
            $loss += $e * $e / ($rows * $columns);
            $sent->[$b][$k] = 2 * $e / ($rows * $columns);
        }
    }
    my (@gradients, @updated);
    for my $n (reverse 0 .. $last) {
        my $slopes = each_number($slope{ $name[$n] }, $net[$n]);
        for my $b (0 .. $rows - 1) {
            $sent->[$b][$_] *= $slopes->[$b][$_] for 0 .. $#{ $sent->[$b] };
        }
        $gradients[$n] = dot(transposed($h[$n]), $sent);
        for my $i (0 .. $#{ $w->[$n] }) {
            $updated[$n][$i] = [map { $w->[$n][$i][$_] - $alpha * $gradients[$n][$i][$_] } 0 .. $#{ $w->[$n][$i] }];
        }
        $sent = dot($sent, transposed($w->[$n]));
    }
    my $float32 = $case->{dtype} eq 'float32';
    my $hex = sub { sprintf '%a', $float32 ? unpack('f', pack('f', $_[0])) : $_[0] };
    my %answer = (output => $h[-1], loss => $loss, gradients => \@gradients, updated => \@updated);
    print encode_json({ id => $case->{id}, map { $_ => each_number($hex, $answer{$_}) } keys %answer }), "\n";
}
