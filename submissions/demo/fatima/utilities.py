from keras.layers import Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import SGD, Adam


# Set seed from random number generator, for better comparisons
from numpy.random import seed
seed(123)


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='relu', optimizer='adam', print_summary=False):

    # Setup a sequential model
    model = Sequential([Input(shape=input_shape)])

    # Add convolutional layers to the model: convolution, batch normalization, activation, pooling
    for i in range(n_conv_layers):
        model.add(Conv2D(n_filters, kernel_size=3, padding='same'))
        model.add(BatchNormalization())
        model.add(Activation(act_fun))
        model.add(MaxPooling2D(pool_size=2))
        n_filters = n_filters * 2

    # Add a flatten layer to the model
    model.add(Flatten())

    # Add intermediate dense layers
    for i in range(n_dense_layers):
        model.add(Dense(n_nodes, activation=act_fun))
        model.add(BatchNormalization())
        if use_dropout:
            model.add(Dropout(0.5))

    # Add final dense layer
    model.add(Dense(10, activation='softmax'))

    # Set optimizer
    if optimizer == 'sgd':
        opt = SGD(learning_rate=learning_rate)
    elif optimizer == 'adam':
        opt = Adam(learning_rate=learning_rate)

    # Compile model
    model.compile(loss=loss, optimizer=opt, metrics=['accuracy'])

    # Print model summary if requested
    if print_summary:
        model.summary()

    return model
